"""Two persons change the law, the calendar and the hours of the desk; nobody else, and nobody alone."""

from collections.abc import Callable
from datetime import date, time
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event, func, select, update

from incidents.cases import recount
from incidents.db import db, transaction
from incidents.errors import AlreadyDone, BadInput, NotAllowed, NotFound, StateSecret
from incidents.planning import amendments, approved, bases
from incidents.planning.amendments import OwnProposal, decide, propose
from incidents.planning.calendar import amended, calendar, is_confirmed
from incidents.planning.models import Amendment
from playbooks import law
from tests import cast

DAY = date(2026, 11, 23)  # a Monday
NEW = {
    "document": "NĐ 999/2026/NĐ-CP", "article": "Đ.7.3", "requires": "Phát ngôn trong 12 giờ.", "anchor": "received_at",
    "amount": "12", "unit": "hour", "force": "hard", "owner": "own", "valid_from": "2026-12-01", "confidence": "check",
}  # fmt: skip


@pytest.fixture
def day_off(desk: Flask) -> Amendment:
    return propose(cast.actor("son"), "calendar", DAY.isoformat(), {"day": "off", "name": "Nghỉ bù"}, "Công văn 12")


def approve(row: Amendment) -> Amendment:
    return decide(cast.actor("binh"), row.id, True, subjects=amendments.SUBJECTS)


def add(key: str = "nd999_7_3", **changed: Any) -> Amendment:
    more = {name: changed.pop(name) for name in ("replaces",) if name in changed}
    return propose(
        cast.actor("son"), "law", key, {"action": "add", "row": NEW | changed, **more}, "Văn bản mới", "CV 5"
    )


def test_a_deputy_proposes_and_the_lead_approves_a_day_off(day_off: Amendment) -> None:
    assert calendar().is_working_day(DAY)
    approve(day_off)
    assert not calendar().is_working_day(DAY)
    assert calendar().names[DAY] == ("Nghỉ bù", "Nghỉ bù")
    assert (day_off.state, day_off.decided_by.name) == ("approved", "Trần Văn Bình")


def test_nobody_approves_his_own_proposal(desk: Flask, day_off: Amendment) -> None:
    with transaction():
        db.session.execute(update(Amendment).values(proposed_by_id=cast.actor("binh").id))
    with pytest.raises(OwnProposal):
        approve(day_off)
    assert calendar().is_working_day(DAY)


@pytest.mark.parametrize("who", ["an", "mai", "ha", "giang", "cuong", "lan", "phong", "binh"])
def test_who_may_not_propose_is_refused(desk: Flask, who: str) -> None:
    with pytest.raises(NotAllowed):
        propose(cast.actor(who), "calendar", DAY.isoformat(), {"day": "off"}, "Nghỉ")


@pytest.mark.parametrize("who", ["an", "son", "ha", "giang", "lan", "chi", "phong"])
def test_who_may_not_approve_is_refused(day_off: Amendment, who: str) -> None:
    with pytest.raises(NotAllowed):
        decide(cast.actor(who), day_off.id, True, subjects=amendments.SUBJECTS)
    assert calendar().is_working_day(DAY)


def test_a_refused_proposal_changes_nothing_and_says_why(day_off: Amendment) -> None:
    with pytest.raises(BadInput) as refusal:
        decide(cast.actor("binh"), day_off.id, False, subjects=amendments.SUBJECTS)
    assert refusal.value.field == "note"
    decide(cast.actor("binh"), day_off.id, False, subjects=amendments.SUBJECTS, note="Chưa có văn bản của Bộ")
    assert calendar().is_working_day(DAY)
    assert amendments.history("calendar")[0].note == "Chưa có văn bản của Bộ"


def test_a_decided_proposal_is_decided_once(day_off: Amendment) -> None:
    approve(day_off)
    with pytest.raises(AlreadyDone, match="Trần Văn Bình"):
        decide(cast.actor("binh"), day_off.id, False, subjects=amendments.SUBJECTS, note="Muộn")
    assert not calendar().is_working_day(DAY)


def test_a_proposal_that_is_not_there_is_named(desk: Flask) -> None:
    with pytest.raises(NotFound, match="#77"):
        decide(cast.actor("binh"), 77, True)


def test_proposals_wait_until_they_are_decided(day_off: Amendment) -> None:
    assert [row.key for row in amendments.waiting("calendar")] == [DAY.isoformat()]
    assert (amendments.waiting_count(), list(amendments.waiting("law"))) == (1, [])
    approve(day_off)
    assert amendments.waiting_count() == 0


def test_a_swapped_day_is_worked_and_may_go_back_to_what_is_computed(desk: Flask) -> None:
    saturday = date(2026, 11, 21)
    swap = propose(cast.actor("chi"), "calendar", "21/11/2026", {"day": "working", "name": "Làm bù"}, "Hoán đổi")
    approve(swap)
    assert calendar().is_working_day(saturday)
    assert saturday in amended()
    approve(propose(cast.actor("chi"), "calendar", "2026-11-21", {"day": "computed"}, "Nhầm ngày"))
    assert not calendar().is_working_day(saturday)
    assert saturday not in amended()


def test_working_hours_change_from_a_day_on(desk: Flask) -> None:
    summer = {"hours": [["07:00", "11:00"], ["13:00", "16:30"]]}
    approve(propose(cast.actor("son"), "hours", "2026-11-02", summer, "Giờ mùa"))
    assert calendar().hours_on(date(2026, 11, 1))[0] == (time(7, 30), time(11, 30))
    assert calendar().hours_on(date(2026, 11, 2))[0] == (time(7), time(11))


def test_a_year_is_confirmed_as_computed(desk: Flask) -> None:
    assert not is_confirmed(2027)
    approve(propose(cast.actor("chi"), "calendar", "2027", {"day": "confirmed"}, "Theo thông báo của Bộ", "TB 1"))
    assert is_confirmed(2027)
    assert not is_confirmed(2026)


@pytest.mark.parametrize(
    ("subject", "key", "change", "field"),
    [
        ("calendar", "hôm nay", {"day": "off"}, "key"),
        ("calendar", "2026-02-30", {"day": "off"}, "key"),
        ("calendar", "2019-05-02", {"day": "off"}, "key"),
        ("calendar", "2026-11-23", {"day": "holiday"}, "day"),
        ("calendar", "2026-11-23", {"day": "working"}, "day"),
        ("calendar", "2026-11-22", {"day": "off"}, "day"),
        ("calendar", "2026-11-23", {"day": "computed"}, "day"),
        ("calendar", "2026-11-23", {"day": "off", "name": "x" * 121}, "name"),
        ("calendar", "1999", {"day": "confirmed"}, "key"),
        ("hours", "", {"hours": [["07:00", "11:00"]]}, "key"),
        ("hours", "2026-11-02", {"hours": []}, "hours"),
        ("hours", "2026-11-02", {"hours": [["11:00", "07:00"]]}, "hours"),
        ("hours", "2026-11-02", {"hours": [["07:00"]]}, "hours"),
        ("hours", "2026-11-02", {"hours": [["bảy giờ", "11:00"]]}, "hours"),
        ("hours", "2026-11-02", {"hours": "07:00"}, "hours"),
        ("law", "nd244_7_3", {}, "action"),
        ("law", "nd244_7_3", {"action": "add", "row": NEW}, "key"),
        ("law", "Nghị định", {"action": "add", "row": NEW}, "key"),
        ("law", "n" * 41, {"action": "add", "row": NEW}, "key"),
        ("law", "n1", {"action": "add", "row": NEW | {"document": ""}}, "document"),
        ("law", "n1", {"action": "add", "row": NEW | {"requires": ""}}, "requires"),
        ("law", "n1", {"action": "add", "row": NEW | {"valid_from": ""}}, "valid_from"),
        ("law", "n1", {"action": "add", "row": NEW | {"valid_to": "2026-11-30"}}, "valid_to"),
        ("law", "n1", {"action": "add", "row": NEW | {"amount": "mười"}}, "amount"),
        ("law", "n1", {"action": "add", "row": NEW | {"amount": ""}}, "amount"),
        ("law", "n1", {"action": "add", "row": NEW | {"amount": "9999"}}, "amount"),
        ("law", "n1", {"action": "add", "row": NEW | {"unit": "week"}}, "unit"),
        ("law", "n1", {"action": "add", "row": NEW | {"force": "none"}}, "force"),
        ("law", "n1", {"action": "add", "row": NEW | {"anchor": "someday"}}, "anchor"),
        ("law", "n1", {"action": "add", "row": NEW | {"unit": "yearly_date", "amount": "", "anchor": "02-31"}}, "anchor"),
        ("law", "n1", {"action": "add", "row": NEW | {"owner": "nobody"}}, "owner"),
        ("law", "n1", {"action": "add", "row": NEW | {"link": "javascript:alert(1)"}}, "link"),
        ("law", "n1", {"action": "add", "row": NEW, "replaces": "nd000"}, "replaces"),
        ("law", "n1", {"action": "add", "row": NEW | {"valid_from": "2026-07-01"}, "replaces": "nd244_7_3"}, "replaces"),
        ("law", "nd000", {"action": "checked"}, "key"),
        ("law", "nd244_7_3", {"action": "end", "valid_to": ""}, "valid_to"),
        ("law", "nd244_7_3", {"action": "end", "valid_to": "2026-06-30"}, "valid_to"),
        ("law", "nd244_7_3", {"action": "end", "valid_to": "2026-12-31", "superseded_by": "nd000"}, "superseded_by"),
        ("law", "nd244_7_3", {"action": "end", "valid_to": "2026-12-31", "superseded_by": "nd09_6_3a"}, "superseded_by"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused_by_its_field_in_both_languages(
    desk: Flask, subject: str, key: str, change: dict[str, Any], field: str
) -> None:
    with pytest.raises(BadInput) as refusal:
        propose(cast.actor("son"), subject, key, change, "Lý do")
    assert refusal.value.field == field
    assert refusal.value.text("vi") != refusal.value.text("en")
    assert amendments.waiting_count() == 0


def test_a_proposal_needs_a_reason_and_bears_no_secret(desk: Flask) -> None:
    with pytest.raises(BadInput) as refusal:
        propose(cast.actor("son"), "calendar", "2026-11-23", {"day": "off"}, " ")
    assert refusal.value.field == "reason"
    with pytest.raises(StateSecret):
        propose(cast.actor("son"), "calendar", "2026-11-23", {"day": "off"}, "TUYỆT MẬT\nNghỉ")
    assert amendments.waiting_count() == 0


def test_a_new_decree_takes_the_place_of_the_old_one_from_its_day_on(desk: Flask) -> None:
    approve(add(replaces="nd244_7_3"))
    found = bases.catalogue()
    assert found.basis("nd244_7_3").valid_to == date(2026, 11, 30)
    assert found.in_force("nd244_7_3", date(2026, 11, 30)).key == "nd244_7_3"
    assert found.in_force("nd244_7_3", date(2026, 12, 1)).key == "nd999_7_3"
    assert found.in_force("nd999_7_3", date(2026, 11, 30)).key == "nd244_7_3"
    assert law.basis("nd244_7_3").valid_to is None


def test_a_basis_is_ended_and_marked_as_checked_but_stays(desk: Flask) -> None:
    end = {"action": "end", "valid_to": "31/12/2026"}
    approve(propose(cast.actor("son"), "law", "nd147_23", end, "Hết hiệu lực"))
    done = {"action": "checked", "link": "https://vanban.chinhphu.vn/1"}
    approve(propose(cast.actor("son"), "law", "nd147_23", done, "Đã đối chiếu"))
    row = bases.catalogue().basis("nd147_23")
    assert (row.valid_to, row.confidence, row.link) == (date(2026, 12, 31), "ok", "https://vanban.chinhphu.vn/1")


def test_a_proposal_that_no_longer_fits_cannot_be_approved(desk: Flask) -> None:
    first, second = add(), add()
    approve(first)
    with pytest.raises(BadInput, match="nd999_7_3"):
        approve(second)
    assert db.session.get_one(Amendment, second.id).state == "proposed"


def test_the_law_as_it_was_known_before_an_amendment_is_kept(
    desk: Flask, time_machine_at: Callable[[str], Any]
) -> None:
    row = add(replaces="nd244_7_3", valid_from="2026-09-01")
    time_machine_at("2026-10-16T03:00:00+00:00")
    approve(row)
    on = date(2026, 10, 1)
    assert bases.catalogue(row.proposed_at).in_force("nd244_7_3", on).key == "nd244_7_3"
    assert bases.catalogue(row.decided_at).in_force("nd244_7_3", on).key == "nd999_7_3"
    assert bases.catalogue(row.proposed_at).basis("nd999_7_3").amount == 12  # a newer playbook may name it


def test_an_amendment_that_a_later_release_made_impossible_is_left_out(desk: Flask) -> None:
    row = add()
    with transaction():
        db.session.execute(update(Amendment).values(key="nd244_7_3", state="approved", decided_at=row.proposed_at))
        db.session.execute(
            update(Amendment).values(content={"action": "end", "valid_to": "2020-01-01", "superseded_by": []})
        )
    assert bases.catalogue().basis("nd244_7_3") == law.basis("nd244_7_3")


def test_law_and_calendar_are_decided_each_by_its_own_verb(desk: Flask, day_off: Amendment) -> None:
    row = add()
    with pytest.raises(NotFound):
        recount.decide_calendar(cast.actor("binh"), row.id, True)
    with pytest.raises(NotFound):
        decide(cast.actor("binh"), day_off.id, True)
    assert db.session.get_one(Amendment, row.id).state == "proposed"


def test_what_was_not_committed_does_not_stay(desk: Flask, day_off: Amendment) -> None:
    def approve_and_fail() -> None:
        with transaction():
            approve(day_off)
            assert not calendar().is_working_day(DAY)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        approve_and_fail()
    with transaction():
        assert calendar().is_working_day(DAY)


def test_a_transaction_asks_once_and_a_page_not_at_all(desk: Flask, day_off: Amendment) -> None:
    approve(day_off)
    approved.read()
    seen: list[str] = []
    event.listen(db.engine, "before_cursor_execute", lambda *args: seen.append(args[2]))
    for _ in range(3):
        calendar()
    assert seen == []
    with transaction():
        for _ in range(3):
            calendar()
            bases.catalogue()
    assert len([one for one in seen if "amendments" in one]) == 1


def test_another_process_sees_an_approval_within_seconds(
    desk: Flask, day_off: Amendment, time_machine_at: Callable[[str], Any]
) -> None:
    approve(day_off)
    kept_before = approved.Kept((0, None), (), approved.utc_now())
    desk.extensions["planning"] = kept_before  # as a process holds it that has not looked since
    assert calendar().is_working_day(DAY)
    time_machine_at("2026-10-15T03:00:06+00:00")
    assert not calendar().is_working_day(DAY)


def test_nothing_is_ever_deleted(desk: Flask, day_off: Amendment) -> None:
    approve(day_off)
    approve(propose(cast.actor("chi"), "calendar", DAY.isoformat(), {"day": "computed"}, "Bãi bỏ"))
    assert db.session.scalar(select(func.count()).select_from(Amendment)) == 2

"""The roster: who is on duty when, what a shift gives, and every way in which an impossible one is refused."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from flask import Flask
from sqlalchemy import event, select

from incidents.db import db, transaction
from incidents.errors import AlreadyDone, BadInput, NotAllowed
from incidents.people import agencies, feeds, members, roster, sessions
from incidents.people.models import Agency, LogLine, Member, Shift
from incidents.people.roster import Gap
from incidents.permissions import may
from incidents.vocabulary import Role
from playbooks.worktime import ZONE
from tests import cast

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=ZONE)  # a Monday
HOUR = timedelta(hours=1)
HOME = "so_vhttdl"


@pytest.fixture
def desk(desk_app: Flask) -> Iterator[Flask]:
    with desk_app.app_context(), time_machine.travel(NOON, tick=False):
        yield desk_app


def at(hour: int, day: int = 23) -> datetime:
    """The hour on that day of November 2026 in Viet Nam; day 31 is 1 December."""
    return datetime(2026, 11, 1, hour, 0, tzinfo=ZONE) + timedelta(days=day - 1)


def add(username: str, start: datetime, hours: float = 8, agency: str = HOME, by: str = "binh") -> Shift:
    return roster.add_shift(cast.actor(by), agency, username, start, start + hours * HOUR)


def agency_id(code: str) -> int:
    return db.session.scalars(select(Agency.id).where(Agency.code == code)).one()


def who(found: dict[int, list[int]]) -> dict[str, list[str]]:
    names = {row.id: row.username for row in db.session.execute(select(Member.id, Member.username))}
    codes = {row.id: row.code for row in db.session.execute(select(Agency.id, Agency.code))}
    return {codes[agency]: [names[one] for one in ids] for agency, ids in found.items()}


def test_on_duty_are_those_whose_shift_runs_at_that_moment_by_agency(desk: Flask) -> None:
    add("an", at(6), 8)
    add("mai", at(13), 8)
    add("giang", at(7), 8, "x_bao_nhai")
    assert who(roster.on_duty(at(12))) == {HOME: ["an"], "x_bao_nhai": ["giang"]}
    assert who(roster.on_duty(at(13))) == {HOME: ["an", "mai"], "x_bao_nhai": ["giang"]}
    assert who(roster.on_duty(at(14), [agency_id(HOME)])) == {HOME: ["mai"]}, "a shift ends before its last minute"
    assert roster.on_duty(at(22)) == {}


def test_on_duty_leaves_out_the_withdrawn_and_the_disabled(desk: Flask) -> None:
    first, _ = add("an", at(6), 8), add("mai", at(6), 8)
    roster.withdraw_shift(cast.actor("binh"), first.id, "ốm")
    members.disable(members.OPERATOR, "mai")
    assert roster.on_duty(at(12)) == {}


def test_on_duty_asks_the_database_once(desk: Flask) -> None:
    add("an", at(6), 8)
    seen: list[str] = []
    event.listen(db.engine, "before_cursor_execute", lambda *a: seen.append(a[2]))
    roster.on_duty(at(12))
    assert len([one for one in seen if one.startswith("SELECT")]) == 1


def test_the_next_shift_is_the_first_that_begins_later(desk: Flask) -> None:
    add("an", at(6), 8)
    add("mai", at(14), 8)
    found = roster.next_after(at(12), agency_id(HOME))
    assert found is not None
    assert (found.member.username, found.starts_at) == ("mai", at(14))
    assert roster.next_after(at(14), agency_id(HOME)) is None


def test_gaps_are_the_times_without_anybody(desk: Flask) -> None:
    home = agency_id(HOME)
    assert roster.gaps(home, at(12), at(20)) == [Gap(at(12), at(20))]
    add("an", at(14), 4)
    add("mai", at(16), 3)
    add("son", at(22), 2)
    expected = [Gap(at(12), at(14)), Gap(at(19), at(22))]
    assert roster.gaps(home, at(12), at(0, 24)) == expected
    assert roster.gaps(home, at(15), at(19)) == []


def test_a_shift_at_the_standing_agency_gives_the_rights_of_duty_for_its_hours(desk: Flask) -> None:
    lan = members.by_username("chi")
    cast.give("chi", Role.analyst)
    assert Role.duty not in cast.actor("chi").roles
    add("chi", at(12), 4)
    assert may(cast.actor("chi"), "open_incident")
    token = sessions.start(members.by_username("chi"), "10.0.0.1", "Firefox", second_factor=True)
    found = sessions.find_with_actor(token)
    assert found is not None
    assert Role.duty in found[1].roles
    assert Role.duty not in members.roles_on(lan)
    with time_machine.travel(at(16), tick=False):
        assert Role.duty not in cast.actor("chi").roles


def test_a_shift_at_another_agency_decides_who_is_told_and_gives_no_rights(desk: Flask) -> None:
    add("giang", at(11), 4, "x_bao_nhai")
    assert cast.actor("giang").roles == {Role.contact}


@pytest.mark.parametrize(
    ("field", "changed", "words"),
    [
        ("ends_at", {"ends_at": at(14)}, "sau giờ vào ca"),
        ("ends_at", {"ends_at": at(13)}, "sau giờ vào ca"),
        ("ends_at", {"ends_at": at(14, 24) + timedelta(minutes=1)}, "24 giờ"),
        ("starts_at", {"starts_at": at(11, 22), "ends_at": at(13, 22)}, "hơn một ngày"),
        ("starts_at", {"starts_at": at(14).replace(year=2028), "ends_at": at(15).replace(year=2028)}, "400 ngày"),
        ("username", {"username": "giang"}, "thuộc"),
        ("username", {"username": "nobody"}, "nobody"),
        ("username", {"username": "mai"}, "đã ngừng"),
        ("agency", {"agency_code": "khong_co"}, "khong_co"),
        ("agency", {"agency_code": "so_tttt_cu"}, "Cơ quan kế thừa"),
        ("starts_at", {"username": "son"}, "Trùng với ca trực 13:00–15:00 23/11 của Lò Văn Sơn"),
        ("note", {"note": "x" * 201}, "200"),
    ],
)
def test_an_impossible_shift_is_refused_with_its_reason(
    desk: Flask, field: str, changed: dict[str, object], words: str
) -> None:
    with transaction():
        old = Agency(
            code="so_tttt_cu", name="Sở Thông tin cũ", type="department", folded="",
            valid_from=date(2020, 1, 1), valid_to=date(2025, 2, 28),
        )  # fmt: skip
        if agencies.by_code("so_tttt_cu") is None:
            db.session.add(old)
    members.disable(members.OPERATOR, "mai")
    add("son", at(13), 2)
    good = {"agency_code": HOME, "username": "an", "starts_at": at(14), "ends_at": at(22), "note": ""}
    before = db.session.query(Shift).count()
    with pytest.raises(BadInput) as told:
        roster.add_shift(cast.actor("binh"), **{**good, **changed})  # type: ignore[arg-type]
    assert told.value.field == field
    assert words in told.value.text("vi")
    assert told.value.text("en") != told.value.text("vi")
    assert db.session.query(Shift).count() == before


def test_a_shift_may_follow_another_at_once_and_last_24_hours(desk: Flask) -> None:
    add("an", at(6), 24)
    assert add("an", at(6, 24), 24).ends_at == at(6, 25)


@pytest.mark.parametrize("by", ["giang", "cuong", "lan", "phong", "ha"])
def test_who_does_not_keep_the_roster_is_refused(desk: Flask, by: str) -> None:
    with pytest.raises(NotAllowed):
        add("an", at(14), by=by)


def test_a_focal_point_keeps_the_roster_of_his_own_agency_only(desk: Flask) -> None:
    assert add("giang", at(14), 8, "x_bao_nhai", by="giang").id
    with pytest.raises(NotAllowed):
        add("pao", at(14), 8, "x_bac_ha", by="giang")


def test_a_head_without_the_right_does_not_give_himself_the_rights_of_duty(desk: Flask) -> None:
    members.add(members.OPERATOR, "dau_moi", "Đầu Mối Sở", HOME, [Role.contact], cast.PASSWORD)
    with transaction():
        members.by_username("dau_moi").is_head = True
    with pytest.raises(NotAllowed):
        add("dau_moi", at(12), by="dau_moi")


def test_a_week_is_copied_onward_and_what_cannot_be_is_said(desk: Flask) -> None:
    for username, day in (("an", 23), ("mai", 24), ("son", 29)):
        add(username, at(22, day), 8)
    add("mai", at(20, 31), 4)  # Tuesday of the next week already has her
    done = roster.repeat_week(cast.actor("binh"), HOME, date(2026, 11, 25), 2)
    assert done.made == 5
    assert [(one.name, one.starts_at) for one in done.skipped] == [
        ("Hoàng Thị Mai", datetime(2026, 12, 1, 22, tzinfo=ZONE))
    ]
    assert "Trùng" in done.skipped[0].vi
    assert "Overlaps" in done.skipped[0].en
    starts = db.session.scalars(select(Shift.starts_at).join(Shift.member).where(Member.username == "son")).all()
    assert sorted(starts) == [at(22, 29) + n * roster.WEEK for n in range(3)]


def test_a_shift_of_somebody_who_left_is_not_copied_and_it_is_said(desk: Flask) -> None:
    add("an", at(22), 8)
    add("mai", at(22), 8)
    members.disable(members.OPERATOR, "mai")
    done = roster.repeat_week(cast.actor("binh"), HOME, date(2026, 11, 23))
    assert (done.made, [one.name for one in done.skipped]) == (1, ["Hoàng Thị Mai"])


@pytest.mark.parametrize(("field", "weeks"), [("weeks", 0), ("weeks", 13), ("from_monday", 1)])
def test_copying_nothing_or_too_far_is_refused(desk: Flask, field: str, weeks: int) -> None:
    with pytest.raises(BadInput) as told:
        roster.repeat_week(cast.actor("binh"), HOME, date(2026, 11, 23), weeks)
    assert told.value.field == field


def test_withdrawing_needs_a_reason_keeps_the_row_and_happens_once(desk: Flask) -> None:
    shift = add("an", at(14), 8)
    with pytest.raises(BadInput):
        roster.withdraw_shift(cast.actor("binh"), shift.id, " ")
    with pytest.raises(NotAllowed):
        roster.withdraw_shift(cast.actor("giang"), shift.id, "thử")
    gone = roster.withdraw_shift(cast.actor("binh"), shift.id, "An đi học")
    assert (gone.withdraw_reason, gone.withdrawn_by_id) == ("An đi học", cast.actor("binh").id)
    with pytest.raises(AlreadyDone):
        roster.withdraw_shift(cast.actor("binh"), shift.id, "lần nữa")
    with pytest.raises(roster.NoSuchShift):
        roster.withdraw_shift(cast.actor("binh"), 999, "không có")


def test_a_shift_that_is_over_stays_as_it_was(desk: Flask) -> None:
    shift = add("an", at(6), 2)
    with pytest.raises(BadInput):
        roster.withdraw_shift(cast.actor("binh"), shift.id, "muộn")


def test_every_change_is_in_the_log_by_identity(desk: Flask) -> None:
    shift = add("an", at(14), 8)
    roster.withdraw_shift(cast.actor("binh"), shift.id, "An đi học")
    lines = db.session.execute(select(LogLine.action, LogLine.subject).order_by(LogLine.id)).all()[-2:]
    assert [tuple(line) for line in lines] == [
        ("add_shift", f"shift:{shift.id}"),
        ("withdraw_shift", f"shift:{shift.id}"),
    ]


def test_a_calendar_address_opens_the_own_shifts_until_it_is_replaced(desk: Flask) -> None:
    roster.add_shift(cast.actor("binh"), HOME, "an", at(22), at(6, 24), "mang máy ảnh")
    add("mai", at(6), 8)
    first = feeds.make(cast.actor("an"))
    member = feeds.member_of(first)
    assert member is not None
    text = feeds.calendar_of(member, "desk.example").decode()
    assert text.count("BEGIN:VEVENT") == 1
    assert "DTSTART;TZID=Asia/Ho_Chi_Minh:20261123T220000" in text
    assert "DTEND;TZID=Asia/Ho_Chi_Minh:20261124T060000" in text
    assert "BEGIN:VTIMEZONE" in text
    assert "máy ảnh" not in text, "a note stays at the desk"
    second = feeds.make(cast.actor("an"))
    assert feeds.member_of(first) is None
    assert feeds.member_of(second) is not None
    feeds.end(cast.actor("an"))
    assert feeds.member_of(second) is None
    assert feeds.member_of("") is None


def test_the_calendar_of_a_disabled_member_is_closed(desk: Flask) -> None:
    token = feeds.make(cast.actor("an"))
    members.disable(members.OPERATOR, "an")
    assert feeds.member_of(token) is None


def test_the_times_are_kept_in_utc(desk: Flask) -> None:
    shift = add("an", at(14), 8)
    db.session.expire_all()
    assert shift.starts_at == datetime(2026, 11, 23, 7, 0, tzinfo=UTC)

"""The board and the search: order, filters, pages without gaps, need to know."""

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import event

from incidents.cases import assignments, intake, triage
from incidents.cases.models import Incident
from incidents.db import db, utc_now
from incidents.errors import NotFound
from incidents.reading import board, case, frame
from incidents.vocabulary import Kind
from tests import cast


def log(what: str, severity: int = 2, **more: object) -> Incident:
    return intake.log(cast.actor("an"), what, severity, **more)  # type: ignore[arg-type]


def codes(filters: board.Filters, username: str = "an", limit: int = 50) -> list[str]:
    return [row.incident.code for row in board.page(cast.actor(username), filters, limit=limit).rows]


def test_what_is_due_first_stands_first(desk: Flask) -> None:
    calm = log("không hạn", 1)
    late = log("trễ", 3, kind=Kind.suspected_false, category="disaster", received_at=utc_now() - timedelta(hours=1))
    soon = log("sắp", 4)
    for held in (late, soon):
        assignments.acknowledge(cast.actor("an"), held.code)
    assert codes(board.Filters()) == [late.code, soon.code, calm.code]


def test_a_row_names_the_next_clock_and_who_leads(desk: Flask) -> None:
    log("trễ", 3, kind=Kind.suspected_false, category="disaster", place="xã Bảo Nhai")
    (row,) = board.page(cast.actor("an"), board.Filters()).rows
    assert row.clock is not None
    assert row.clock.due_at == row.incident.next_due_at
    assert row.lead is not None
    assert row.lead.agency.code == "so_vhttdl"


@pytest.mark.parametrize("q", ["", "tin"])
def test_pages_follow_one_another_without_gap_or_repeat(desk: Flask, q: str) -> None:
    made = {log(f"tin số {n}", 1 + n % 3).code for n in range(11)}
    seen: list[str] = []
    after = ""
    while True:
        page = board.page(cast.actor("an"), board.Filters(q=q, after=after), limit=3)
        seen += [row.incident.code for row in page.rows]
        if not page.next:
            break
        after = page.next
    assert len(seen) == len(set(seen)) == 11
    assert set(seen) == made


@pytest.mark.parametrize("after", ["x", "!!!", "WzEsIDJd" * 50, "bnVsbA", "e30"])
def test_a_broken_cursor_begins_the_list_again(desk: Flask, after: str) -> None:
    code = log("một").code
    assert codes(board.Filters(after=after)) == [code]


@pytest.mark.parametrize(
    "q", ["vo dap", "vỡ đập", "VỠ ĐẬP", "dap suoi", "đập Suối Mậ", "bao nhai", "suoi  man!!", "TG 1", "tg-{year}-0001"]
)
def test_words_are_found_with_and_without_marks(desk: Flask, q: str) -> None:
    found = log("Đập Suối Mận đã vỡ đập", kind=Kind.suspected_false, place="xã Bảo Nhai")
    log("Chuyện khác hẳn", kind=Kind.press_coverage)
    assert codes(board.Filters(q=q.format(year=utc_now().year))) == [found.code]


def test_exact_marks_rank_first(desk: Flask) -> None:
    street = log("họp về đường xá")
    positive = log("cực dương của pin")
    assert codes(board.Filters(q="đường")) == [street.code, positive.code]
    assert codes(board.Filters(q="dương")) == [positive.code, street.code]
    assert set(codes(board.Filters(q="duong"))) == {street.code, positive.code}


@pytest.mark.parametrize("q", ["'; DROP TABLE incidents", '"', "a OR b", "NEAR(a b)", "%", "_", "*", "!@#", "x" * 5000])
def test_what_is_typed_is_never_an_operator(desk: Flask, q: str) -> None:
    log("một")
    assert codes(board.Filters(q=q)) == []


def test_edited_words_are_found_and_old_ones_are_not(desk: Flask) -> None:
    incident = log("một", place="xã Bảo Nhai")
    triage.edit(cast.actor("an"), incident.code, {"place": "phường Sa Pa"})
    assert codes(board.Filters(q="sapa")) == [incident.code]
    assert codes(board.Filters(q="bao nhai")) == []


@pytest.mark.parametrize(
    ("filters", "wanted"),
    [
        (board.Filters(severity=(3, 4)), {"b"}),
        (board.Filters(kind=Kind.watch), {"a"}),
        (board.Filters(category="disaster"), {"b"}),
        (board.Filters(agency="x_bao_nhai"), {"b"}),
        (board.Filters(due="late"), {"b"}),
        (board.Filters(due="unaccepted"), {"b"}),
        (board.Filters(due="mine"), {"a", "b"}),
        (board.Filters(state="new"), {"a", "b"}),
        (board.Filters(state="closed"), set()),
        (board.Filters(state="all"), {"a", "b"}),
    ],
)
def test_filters(desk: Flask, filters: board.Filters, wanted: set[str]) -> None:
    made = {
        "a": log("a", 1, kind=Kind.watch).code,
        "b": log(
            "b", 3, kind=Kind.suspected_false, category="disaster", place="xã Bảo Nhai",
            received_at=utc_now() - timedelta(hours=2),
        ).code,
    }  # fmt: skip
    assignments.acknowledge(cast.actor("an"), made["a"])
    assert set(codes(filters)) == {made[name] for name in wanted}


@pytest.mark.promise("S10")
def test_what_one_may_not_see_is_absent_and_uncounted(desk: Flask) -> None:
    incident = log("từ khóa kín canarya", 3, place="xã Bảo Nhai")
    assert codes(board.Filters(q="canarya"), "giang") == [incident.code]
    triage.restrict(cast.actor("binh"), incident.code, [cast.actor("son").id or 0])
    for username in ("an", "mai", "ha", "giang", "lan", "chi", "phong"):
        assert codes(board.Filters(q="canarya"), username) == []
        assert codes(board.Filters(), username) == []
        assert frame.read(cast.actor(username)).open == 0
        with pytest.raises(NotFound) as hidden:
            case.read(cast.actor(username), incident.code)
        with pytest.raises(NotFound) as missing:
            case.read(cast.actor(username), "SK-2020-9999")
        assert hidden.value.text().replace(incident.code, "X") == missing.value.text().replace("SK-2020-9999", "X")
    assert codes(board.Filters(), "son") == codes(board.Filters(), "binh") == [incident.code]


def test_an_agency_sees_its_own_incidents_only(desk: Flask) -> None:
    mine, other = log("một", place="xã Bảo Nhai"), log("hai", place="xã Bắc Hà")
    assert codes(board.Filters(), "giang") == [mine.code]
    assert codes(board.Filters(), "pao") == [other.code]


def test_list_and_page_cost_the_same_however_many_there_are(desk: Flask) -> None:
    def statements(work: object) -> int:
        count: list[str] = []
        listener = lambda c, u, s, p, x, m: count.append(s)  # noqa: E731
        event.listen(db.engine, "before_cursor_execute", listener)
        work()  # type: ignore[operator]
        event.remove(db.engine, "before_cursor_execute", listener)
        return len([s for s in count if not s.startswith("BEGIN")])

    an = cast.actor("an")
    made = [log(f"tin {n}", 3, kind=Kind.suspected_false, place="xã Bảo Nhai") for n in range(5)]
    db.session.rollback()
    assert statements(lambda: board.page(an, board.Filters())) <= 4
    db.session.rollback()
    code = made[0].code
    db.session.rollback()
    assert statements(lambda: case.read(an, code)) <= 6
    db.session.rollback()
    assert statements(lambda: frame.read(an)) == 1


def test_what_nobody_holds_at_the_highest_levels_stands_first(desk: Flask) -> None:
    """screens.md 7.2: a soft clock that is late somewhere never pushes an unanswered Cấp 4 down the page."""
    an = cast.actor("an")
    late = utc_now() - timedelta(hours=5)
    held = intake.log(an, "việc cũ, đã trễ", 2, kind=Kind.public_feedback, received_at=late).code
    serious = intake.log(an, "việc nghiêm trọng", 3, kind=Kind.suspected_false).code
    crisis = intake.log(an, "khủng hoảng", 4, kind=Kind.suspected_false).code
    shown = [row.incident.code for row in board.page(an, board.Filters()).rows]
    assert shown == [crisis, serious, held]
    assignments.acknowledge(an, crisis)
    shown = [row.incident.code for row in board.page(an, board.Filters()).rows]
    assert shown[0] == serious

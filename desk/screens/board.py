"""The duty board: what is open, most pressing first; the address holds every filter (screens.md 7.2)."""

from typing import Any

from flask import Blueprint, g, redirect, render_template, request

from desk import frame
from desk.forms import times
from desk.guard import policy
from desk.language import _
from desk.screens.live import live
from desk.shown import agencies, choices, rows
from incidents.cases import visibility
from incidents.cases.codes import like_code
from incidents.db import utc_now
from incidents.errors import NotFound
from incidents.reading import board
from incidents.reading.board import Filters
from incidents.vocabulary import CATEGORIES, KINDS, SEVERITIES, STATUSES

bp = Blueprint("board", __name__)
_DUE = ("late", "hour", "unaccepted", "failed", "mine")


@bp.get("/incidents")
@policy("signed_in")
@live
def show() -> Any:
    filters = filters_of_address()
    if code := _code_typed(filters):
        return redirect(f"/incidents/{code}")
    page = board.page(g.actor, filters)
    now = utc_now()
    return render_template(
        "board.html",
        rows=[rows.row(row, g.actor, now) for row in page.rows],
        failures=rows.failures(page.rows),
        counters=rows.counters(frame.current_frame(), filters, g.actor),
        shortcuts=_shortcuts(filters),
        filters=filters,
        newer_href=rows.address(filters) if filters.after else "",
        older_href=rows.address(filters, after=page.next) if page.next else "",
        late=frame.current_frame().late,
        empty=None if page.rows else _empty(filters),
        **_offered(),
    )


def filters_of_address() -> Filters:
    """What the query asks for; a value nobody offers is as if it were not there."""
    args = request.args
    state, due = args.get("state", ""), args.get("due", "")
    levels = {int(level) for level in args.getlist("severity") if level in {str(n) for n in SEVERITIES}}
    return Filters(
        q=args.get("q", "").strip()[:200],
        state=state if state == "all" or state in STATUSES else "open",
        severity=tuple(sorted(levels)),
        kind=args.get("kind", "") if args.get("kind") in KINDS else "",
        category=args.get("category", "") if args.get("category") in CATEGORIES else "",
        agency=args.get("agency", "")[:60],
        due=due if due in _DUE else "",
        after=args.get("after", "")[:200],
    )


def _code_typed(filters: Filters) -> str:
    """A code in the search box opens its incident at once."""
    if filters != Filters(q=filters.q) or not like_code(filters.q):
        return ""
    try:
        return visibility.find(g.actor, filters.q).code
    except NotFound:
        return ""


def _shortcuts(filters: Filters) -> list[dict[str, Any]]:
    wanted = (
        (_("Của tôi"), Filters(due="mine")),
        (_("Cấp 3–4"), Filters(severity=(3, 4))),
        (_("Đã kết thúc"), Filters(state="closed")),
        (_("Tất cả"), Filters(state="all")),
    )
    return [{"label": words, "href": rows.address(f), "current": f == filters} for words, f in wanted]


def _empty(filters: Filters) -> dict[str, str]:
    """What an empty list says, and the one thing to do about it."""
    if filters.q:
        return {
            "text": _("Không thấy ‘{q}’. Thử ít chữ hơn hoặc tìm cả sự việc đã kết thúc.").format(q=filters.q),
            "href": rows.address(Filters(q=filters.q, state="all")),
            "label": _("Tìm cả sự việc đã kết thúc"),
        }
    if filters != Filters(after=filters.after):
        return {
            "text": _("Không có sự việc nào khớp bộ lọc."),
            "href": rows.address(Filters()),
            "label": _("Bỏ bộ lọc"),
        }
    last = board.newest_closed(g.actor)
    words = _("Không có sự việc đang mở.")
    if last is not None and last.closed_at is not None:
        closed = times.words(last.closed_at).partition(" ")[2]
        words += " " + _("Gần nhất: {code} kết thúc {day}.").format(code=last.code, day=closed)
    return {"text": words, "href": "/incidents/new", "label": _("Ghi nhanh")}


def _offered() -> dict[str, Any]:
    """What the form of filters offers."""
    return {
        "states": [("", _("Đang mở")), ("all", _("Tất cả")), *choices.of(STATUSES)],
        "levels": choices.levels(),
        "kinds": choices.of(KINDS, _("Mọi loại")),
        "categories": choices.categories(_("Mọi lĩnh vực")),
        "agencies": [("", _("Mọi cơ quan")), *((agency.code, agency.label) for agency in agencies.known())],
        "dues": [
            ("", _("Mọi thời hạn")),
            ("late", _("Quá hạn")),
            ("hour", _("Dưới 1 giờ")),
            ("unaccepted", _("Chưa nhận")),
            ("failed", _("Gửi lỗi")),
            ("mine", _("Của tôi")),
        ],
    }

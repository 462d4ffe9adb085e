"""Legal bases and proposals in words, for the screens of law and calendar."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from desk.language import _, current
from desk.shown.spans import amount_words
from incidents.permissions import Actor, may
from incidents.planning.models import Amendment
from incidents.vocabulary import ANCHORS, UNITS, label
from playbooks.law import Catalogue, Considered, LegalBasis, citation
from playbooks.vocabulary import DUTY_ANCHORS
from playbooks.worktime import UNITS as COUNTED

_LEFT, _WIDTH, _ROW = 104, 250, 24  # of the picture of a chain, in its own units


def groups() -> dict[str, str]:
    """The groups of legal bases by the name of their file; "added" holds the province's own."""
    return {
        "statements": _("Phát ngôn, cung cấp thông tin"),
        "press": _("Báo chí"),
        "false_info": _("Tin giả, tin sai sự thật"),
        "cyber": _("An ninh mạng, nền tảng"),
        "data": _("Dữ liệu cá nhân, bí mật nhà nước"),
        "plan": _("Kế hoạch của tỉnh, văn thư, lưu trữ"),
        "sanctions": _("Xử phạt (để tham khảo)"),
        "added": _("Tỉnh bổ sung"),
    }


def states() -> dict[str, str]:
    return {
        "": _("Tất cả"),
        "now": _("Đang có hiệu lực"),
        "ended": _("Hết hiệu lực"),
        "coming": _("Chưa có hiệu lực"),
        "check": _("Cần kiểm tra"),
        "clock": _("Có thời hạn"),
    }


def state_of(row: LegalBasis, today: date) -> str:
    """ "now", "ended" or "coming"."""
    if row.is_valid_on(today):
        return "now"
    return "coming" if row.valid_from and today < row.valid_from else "ended"


def anchor_words(key: str) -> str:
    return label({**ANCHORS, **DUTY_ANCHORS}, key, current())


def clock_words(row: LegalBasis) -> str:
    """ "tiếp nhận + 24 giờ, bắt buộc"; "" without a time limit."""
    if row.unit == "none":
        return ""
    if row.unit == "yearly_date":
        month, day = row.anchor.split("-")
        words = _("trước ngày {day}/{month} hằng năm").format(day=day, month=month)
    elif row.unit == "next_issue":
        words = f"{anchor_words(row.anchor)} + {_('số báo gần nhất')}"
    else:
        words = f"{anchor_words(row.anchor)} + {amount_words(row.amount or 0, row.unit)}"
    force = _("bắt buộc") if row.force == "hard" else _("không bắt buộc")
    owed = ", " + _("nền tảng hoặc tòa soạn thực hiện") if row.owner == "external" else ""
    return f"{words}, {force}{owed}"


def validity(row: LegalBasis) -> str:
    """ "01/07/2026 – nay", "không ghi ngày"."""
    if not row.valid_from and not row.valid_to:
        return _("không ghi ngày")
    start = f"{row.valid_from:%d/%m/%Y}" if row.valid_from else "…"
    return f"{start} – {row.valid_to:%d/%m/%Y}" if row.valid_to else _("từ {day}").format(day=start)


def basis(row: LegalBasis, today: date) -> dict[str, Any]:
    return {
        "key": row.key,
        "document": row.document,
        "article": row.article,
        "citation": citation(row),
        "requires": row.requires,
        "clock": clock_words(row),
        "validity": validity(row),
        "check": row.confidence == "check",
        "state": state_of(row, today),
        "link": row.link,
    }


def considered(rows: Iterable[Considered]) -> list[dict[str, str]]:
    english = current() == "en"
    return [{"key": c.row.key, "outcome": c.outcome, "text": c.text_en if english else c.text} for c in rows]


def chain(catalogue: Catalogue, key: str, today: date) -> dict[str, Any]:
    """The basis, what it replaced and what replaces it, as rows of a timeline and its picture."""
    keys, waiting = [], [key]
    while waiting:
        one = waiting.pop(0)
        if one not in keys:
            keys.append(one)
            waiting += [*catalogue.replaced_by(one), *catalogue.basis(one).superseded_by]
    rows = sorted((catalogue.basis(one) for one in keys), key=lambda row: (row.valid_from or date.min, row.key))
    starts = [row.valid_from for row in rows if row.valid_from]
    ends = [row.valid_to for row in rows if row.valid_to]
    first, last = min([today, *starts]), max([today, *starts, *ends])
    first, last = date(first.year, 1, 1), date(last.year + 1, 1, 1)
    days = (last - first).days

    def x(day: date) -> float:
        return round(_LEFT + _WIDTH * (day - first).days / days, 1)

    drawn = [
        {
            "key": row.key,
            "y": 16 + number * _ROW,
            "x": x(row.valid_from or first),
            "width": max(x(row.valid_to or last) - x(row.valid_from or first), 2),
            "kind": "on" if row.key == key else "out",
        }
        for number, row in enumerate(rows)
    ]
    years = [first.year, (first.year + last.year) // 2, last.year]
    return {
        "rows": [basis(row, today) for row in rows],
        "bars": drawn,
        "today": x(today),
        "ticks": [{"x": x(date(year, 1, 1)), "label": str(year)} for year in dict.fromkeys(years)],
        "width": _LEFT + _WIDTH + 24,
        "height": 20 + len(rows) * _ROW,
    }


def proposals(rows: Iterable[Amendment], actor: Actor, catalogue: Catalogue) -> list[dict[str, Any]]:
    """Proposals as ``parts/amendments.html`` reads them; ``may_decide``: this actor decides it."""
    approves = may(actor, "approve_planning")
    return [
        {
            "id": row.id,
            "subject": row.subject,
            "key": row.key,
            "words": words(row, catalogue),
            "reason": row.reason,
            "document": row.document,
            "by": row.proposed_by.name if row.proposed_by else "",
            "at": row.proposed_at,
            "state": row.state,
            "decided_by": row.decided_by.name if row.decided_by_id and row.decided_by else "",
            "decided_at": row.decided_at,
            "note": row.note,
            "may_decide": approves and row.state == "proposed" and row.proposed_by_id != actor.id,
            "is_own": row.proposed_by_id == actor.id,
            "action": f"/law/amendments/{row.id}" if row.subject == "law" else f"/calendar/amendments/{row.id}",
        }
        for row in rows
    ]


def words(row: Amendment, catalogue: Catalogue) -> str:
    """What a proposal wants, in one or two sentences."""
    if row.subject == "hours":
        spans = ", ".join(f"{opens}–{closes}" for opens, closes in row.content["hours"])
        return _("Giờ làm việc từ {day}: {hours}.").format(day=_day(row.key), hours=spans)
    if row.subject == "calendar":
        return _day_words(row.key, row.content)
    return _law_words(row.key, row.content, catalogue)


def _day_words(key: str, content: Mapping[str, Any]) -> str:
    if content["day"] == "confirmed":
        return _("Xác nhận lịch năm {year} như đã tính.").format(year=key)
    sentence = {
        "off": _("Ngày {day} là ngày nghỉ."),
        "working": _("Ngày {day} là ngày làm việc."),
        "computed": _("Ngày {day} trở lại theo lịch tính sẵn."),
    }[content["day"]].format(day=_day(key))
    return f"{sentence} {content['name']}." if content.get("name") else sentence


def _law_words(key: str, content: Mapping[str, Any], catalogue: Catalogue) -> str:
    name = citation(catalogue.rows[key]) if key in catalogue.rows else key
    if content["action"] == "checked":
        return _("Đánh dấu đã đối chiếu: {name}.").format(name=name) + (
            f" {content['link']}" if content["link"] else ""
        )
    if content["action"] == "end":
        made = _("{name} hết hiệu lực sau ngày {day}.").format(name=name, day=_day(content["valid_to"]))
        newer = ", ".join(content["superseded_by"])
        return made + (" " + _("Thay bằng {keys}.").format(keys=newer) if newer else "")
    table = content["row"]
    made = _("Thêm căn cứ {name}, có hiệu lực từ {day}: {requires}").format(
        name=f"{table['document']} {table['article']}".strip(),
        day=_day(table["valid_from"]),
        requires=table["requires"],
    )
    if table.get("unit") in COUNTED:
        clock = f"{anchor_words(table['anchor'])} + {amount_words(table['amount'], table['unit'])}"
        made += " " + _("Thời hạn: {clock}.").format(clock=clock)
    return made + (" " + _("Thay cho {keys}.").format(keys=content["replaces"]) if content["replaces"] else "")


def _day(iso: str) -> str:
    return f"{date.fromisoformat(iso):%d/%m/%Y}"


def units() -> list[tuple[str, str]]:
    """The units a basis may have."""
    more = {
        "none": _("không ấn định thời hạn"),
        "yearly_date": _("trước một ngày hằng năm"),
        "next_issue": _("số báo gần nhất"),
    }
    return [("", _("Chọn")), *((key, label(UNITS, key, current())) for key in UNITS), *more.items()]


def forces() -> list[tuple[str, str]]:
    return [
        ("", _("Chọn")),
        ("hard", _("bắt buộc")),
        ("soft", _("không bắt buộc")),
        ("none", _("không ấn định thời hạn")),
    ]


def owners() -> list[tuple[str, str]]:
    return [("own", _("tỉnh thực hiện")), ("external", _("nền tảng hoặc tòa soạn thực hiện"))]


def confidences() -> list[tuple[str, str]]:
    return [("check", _("cần kiểm tra")), ("ok", _("đã đối chiếu điều khoản"))]

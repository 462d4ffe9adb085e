"""How a due time came about, as a picture and a table: one row a day, what counts filled, what does not hollow."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from desk.language import _, current
from incidents.vocabulary import UNITS, label
from playbooks.worktime import ZONE, Calendar, Span, explain

_LEFT, _BAR, _ROW, _TOP = 62, 288, 20, 18  # of the picture, in its own units
_MOST_DAYS = 31  # rows of the picture; longer ones are told by the table alone
_HEAD, _TAIL = 45, 15  # lines of a long table
_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Told:
    """``lines``: day, starts, ends, counted, why each; ``left_out``: lines in the middle that are not shown."""

    lines: list[dict[str, str]]
    tail: list[dict[str, str]]
    left_out: int
    picture: dict[str, Any] | None
    anchor: str
    due: str
    summary: str


def told(anchor: datetime, amount: int, unit: str, calendar: Calendar) -> Told:
    """The way from ``anchor`` to the due time, in words. Raises as ``worktime.explain`` does."""
    spans = explain(anchor, amount, unit, calendar)
    lines = [_line(span, unit) for span in spans]
    cut = len(lines) > _HEAD + _TAIL
    return Told(
        lines=lines[:_HEAD] if cut else lines,
        tail=lines[-_TAIL:] if cut else [],
        left_out=len(lines) - _HEAD - _TAIL if cut else 0,
        picture=_picture(spans),
        anchor=moment(spans[0].starts),
        due=moment(spans[-1].ends),
        summary=_("{anchor} + {amount} = {due}").format(
            anchor=moment(spans[0].starts), amount=amount_words(amount, unit), due=moment(spans[-1].ends)
        ),
    )


def amount_words(amount: int, unit: str) -> str:
    """ "12 giờ làm việc"; "ngay"."""
    words = label(UNITS, unit, current())
    return words if unit == "at_once" else f"{amount} {words}"


def moment(at: datetime) -> str:
    """ "Thứ Hai 23/11/2026 15:30"."""
    here = at.astimezone(ZONE)
    return f"{weekday(here)} {here:%d/%m/%Y %H:%M}"


def weekday(at: datetime) -> str:
    return weekdays()[at.weekday()]


def weekdays() -> list[str]:
    """Monday first."""
    return [_("Thứ Hai"), _("Thứ Ba"), _("Thứ Tư"), _("Thứ Năm"), _("Thứ Sáu"), _("Thứ Bảy"), _("Chủ nhật")]


def short_weekdays() -> list[str]:
    """Monday first."""
    return [_("T2"), _("T3"), _("T4"), _("T5"), _("T6"), _("T7"), _("CN")]


def _line(span: Span, unit: str) -> dict[str, str]:
    ends = "24:00" if span.ends == span.ends.replace(hour=0, minute=0, second=0) else f"{span.ends:%H:%M}"
    if unit == "month":
        ends = f"{span.ends:%d/%m/%Y}"
    return {
        "day": f"{short_weekdays()[span.day.weekday()]} {span.day:%d/%m/%Y}",
        "starts": f"{span.starts:%H:%M}",
        "ends": ends if span.ends > span.starts or not span.counted else f"{span.ends:%H:%M}",
        "counted": _counted(span, unit),
        "why": _why(span),
        "counts": "yes" if span.counted else "",
    }


def _counted(span: Span, unit: str) -> str:
    if not span.counted:
        return "–"
    if unit in ("day", "working_day", "month"):
        return f"{span.counted // _DAY} {_('ngày')}"
    minutes = round(abs(span.counted) / timedelta(minutes=1))
    sign = "−" if span.counted < timedelta(0) else ""
    hours = f"{minutes // 60} {_('giờ')}" if minutes >= 60 else ""
    rest = f"{minutes % 60} {_('phút')}" if minutes % 60 or not hours else ""
    return sign + " ".join(filter(None, (hours, rest)))


def _why(span: Span) -> str:
    name = span.name_en if current() == "en" else span.name
    plain = {
        "weekend": _("cuối tuần"),
        "holiday": _("ngày nghỉ"),
        "swapped": _("làm bù, tính như ngày làm việc"),
        "closed": _("ngoài giờ làm việc"),
        "anchor_day": _("ngày có mốc, tính từ ngày sau"),
        "moved": _("hạn rơi vào ngày nghỉ, chuyển sang ngày làm việc này"),
        "": "",
    }[span.reason]
    return f"{plain}: {name}" if name and plain else plain


def _picture(spans: Sequence[Span]) -> dict[str, Any] | None:
    """Rows of one day each with their pieces, None when there are too many or no time passes."""
    days = sorted({span.day for span in spans})
    if len(days) > _MOST_DAYS or any(abs(span.ends - span.starts) > _DAY for span in spans):
        return None
    rows = {day: {"label": f"{short_weekdays()[day.weekday()]} {day:%d/%m}", "pieces": []} for day in days}
    for number, day in enumerate(days):
        rows[day]["y"] = _TOP + number * _ROW
    for span in spans:
        rows[span.day]["pieces"].append(_piece(span))
    height = _TOP + len(days) * _ROW
    ticks = [{"x": _LEFT + _BAR * hour / 24, "label": f"{hour}"} for hour in (0, 6, 12, 18, 24)]
    return {"rows": list(rows.values()), "width": _LEFT + _BAR + 14, "height": height, "ticks": ticks}


def _piece(span: Span) -> dict[str, Any]:
    first, last = sorted((span.starts, span.ends))
    midnight = first.replace(hour=0, minute=0, second=0, microsecond=0)
    x, width = ((first - midnight) / _DAY, (last - first) / _DAY)
    kind = "on" if span.counted else "off" if span.reason in ("weekend", "holiday") else "out"
    return {"x": round(_LEFT + _BAR * x, 1), "width": round(max(_BAR * width, 1), 1), "kind": kind}

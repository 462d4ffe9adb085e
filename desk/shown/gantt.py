"""When the steps of a playbook would run, as a picture and a table. The time scale is closer the later it gets.

The picture is an SVG with attributes only (no inline style), at most MOST_BARS lines of it, so that it stays small.
"""

from collections.abc import Sequence
from datetime import datetime
from math import log1p
from typing import Any

from desk.language import _, current
from desk.shown import playbooks, spans
from incidents.vocabulary import ANCHORS, label
from playbooks.tryrun import Bar
from playbooks.worktime import ZONE

MOST_BARS = 40
_LEFT, _WIDTH, _ROW, _TOP = 268, 430, 24, 34
_QUARTER = 900  # seconds: the scale is even below it and logarithmic above
_NAME = 35  # characters of a step's name beside its bar
_TICKS = ((0, ""), (3600, "1h"), (4 * 3600, "4h"), (86400, "1d"), (3 * 86400, "3d"), (10 * 86400, "10d"))
_TICKS += ((30 * 86400, "30d"), (90 * 86400, "90d"))


def shown(bars: Sequence[Bar], start: datetime, numbers: dict[str, int]) -> dict[str, Any]:
    """``rows`` for the table, ``picture`` for ``parts/gantt.html`` (None when nothing has a time)."""
    rows = [_row(bar, numbers) for bar in bars]
    return {"rows": rows, "picture": _picture(bars[:MOST_BARS], rows, start), "left_out": max(0, len(bars) - MOST_BARS)}


def _row(bar: Bar, numbers: dict[str, int]) -> dict[str, Any]:
    name = bar.name_en if current() == "en" else bar.name
    return {
        "number": numbers.get(bar.key, 0),
        "key": bar.key,
        "name": name,
        "begin": spans.moment(bar.begin),
        "due": spans.moment(bar.due) if bar.anchor else "",
        "rule": _rule(bar),
        "basis": _citation(bar.basis),
        "hard": bar.hard,
        "external": bar.owner == "external",
        "certain": bar.certain,
        "note": bar.note,
    }


def _rule(bar: Bar) -> str:
    if not bar.anchor:
        return ""
    said = f"{label(ANCHORS, bar.anchor, current())} + {spans.amount_words(bar.amount, bar.unit)}"
    return said + (f" ({_('giả định')})" if bar.assumed else "")


def _citation(key: str) -> str:
    return str(playbooks.basis(key)["citation"]) if key else ""


def _picture(bars: Sequence[Bar], rows: Sequence[dict[str, Any]], start: datetime) -> dict[str, Any] | None:
    if not bars:
        return None
    last = max(_seconds(bar.due, start) for bar in bars)
    scale = _WIDTH / log1p(max(last, 4 * 3600) / _QUARTER)
    lines = [_line(bar, row, start, scale, at) for at, (bar, row) in enumerate(zip(bars, rows, strict=False))]
    ticks = [
        {"x": _x(seconds, scale), "label": _tick(seconds, words)}
        for seconds, words in _TICKS
        if seconds <= max(last, 4 * 3600)
    ]
    return {
        "lines": lines,
        "ticks": ticks,
        "width": _LEFT + _WIDTH + 94,
        "height": _TOP + len(lines) * _ROW + 6,
        "begin": f"{start.astimezone(ZONE):%H:%M %d/%m/%Y}",
    }


def _line(bar: Bar, row: dict[str, Any], start: datetime, scale: float, at: int) -> dict[str, Any]:
    begin, end = (_x(_seconds(one, start), scale) for one in (bar.begin, bar.due))
    name = f"{row['number']}. {row['name']}"
    kind = "soft" if not bar.hard else "hard"
    return {
        "y": _TOP + at * _ROW,
        "name": name if len(name) <= _NAME else name[: _NAME - 1].rstrip() + "…",
        "x": begin,
        "width": max(round(end - begin, 1), 3),
        "kind": "ext" if bar.owner == "external" else kind,
        "certain": bar.certain,
        "end": round(max(end, begin + 3) + 6, 1),
        "due": f"{bar.due.astimezone(ZONE):%H:%M %d/%m}" if bar.anchor else "",
    }


def _seconds(at: datetime, start: datetime) -> float:
    return max(0.0, (at - start).total_seconds())


def _x(seconds: float, scale: float) -> float:
    return round(_LEFT + log1p(seconds / _QUARTER) * scale, 1)


def _tick(seconds: int, words: str) -> str:
    if not seconds:
        return "0"
    amount = words[:-1]
    return f"{amount} {_('giờ') if words.endswith('h') else _('ngày')}"

"""A clock in words: when it is due, what remains, and whether the law or the desk itself set it."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from desk.language import _
from incidents.cases.models import Clock
from incidents.vocabulary import ANCHORS, CLOCK_STATES, UNITS, ClockState, label

SOON = timedelta(hours=1)


@dataclass(frozen=True)
class ShownClock:
    """``remaining``: "còn 1 giờ 58" or "trễ 12 phút"; ``share``: 0–1, the part of its time that is gone."""

    label: str
    due_at: datetime | None
    hard: bool
    state: str
    remaining: str
    late: bool
    soon: bool
    waiting_for: str
    share: float | None


def shown(clock: Clock, now: datetime, lang: str, *, with_force: bool = False) -> ShownClock:
    """``with_force``: the label also says whether the law (and which) or the desk set the clock."""
    name = (clock.name_en or clock.name) if lang == "en" else clock.name
    running = clock.state == ClockState.running and clock.due_at is not None
    left = clock.due_at - now if running and clock.due_at else None
    return ShownClock(
        label=f"{name} ({force(clock)})" if with_force else name,
        due_at=clock.due_at,
        hard=clock.hard,
        state=clock.state,
        remaining=remaining(left) if left is not None else "",
        late=left is not None and left < timedelta(0),
        soon=left is not None and timedelta(0) <= left < SOON,
        waiting_for=label(ANCHORS, clock.anchor, lang),
        share=_share(clock, now) if running else None,
    )


def door(clock: Clock, code: str, now: datetime, lang: str) -> dict[str, object]:
    """A clock of a step with its rule, and the page that explains its time."""
    return {
        "clock": shown(clock, now, lang),
        "rule": rule(clock, lang),
        "force": force(clock),
        "note": clock.note,
        "reason": clock.reason,
        "first": first_result(clock, lang),
        "href": f"/incidents/{code}/clocks/{clock.id}",
        "alive": clock.state in (ClockState.running, ClockState.waiting),
        "owed_by_others": clock.owner != "own",
    }


def first_result(clock: Clock, lang: str) -> str:
    """What it had reached before an anchor was corrected or the step was opened again, when that was something else."""
    if not clock.first_result or clock.first_result == clock.state:
        return ""
    return _("lần đầu: {state}").format(state=label(CLOCK_STATES, clock.first_result, lang))


def force(clock: Clock) -> str:
    """ "luật, NĐ 328/2026/NĐ-CP Đ.8.1" or "nội bộ"."""
    return f"{_('luật')}, {clock.citation}" if clock.hard else _("nội bộ")


def rule(clock: Clock, lang: str) -> str:
    """ "tiếp nhận + 30 phút"."""
    anchor, unit = label(ANCHORS, clock.anchor, lang), label(UNITS, clock.unit, lang)
    return f"{anchor} + {unit}" if clock.unit == "at_once" else f"{anchor} + {clock.amount} {unit}"


def remaining(left: timedelta) -> str:
    """The same words desk.js counts down with."""
    return (_("trễ {}") if left < timedelta(0) else _("còn {}")).format(span(abs(left)))


def span(length: timedelta) -> str:
    """A length of time in two units at most: "8 phút", "1 giờ 58", "2 ngày 3 giờ"."""
    minutes = int(length.total_seconds()) // 60
    hours, days = minutes // 60, minutes // 1440
    if minutes < 1:
        return _("dưới 1 phút")
    if hours < 1:
        return f"{minutes} {_('phút')}"
    if days < 1:
        return f"{hours} {_('giờ')}" + (f" {minutes % 60}" if minutes % 60 else "")
    return f"{days} {_('ngày')}" + (f" {hours % 24} {_('giờ')}" if hours % 24 else "")


def most_pressing(clocks: list[Clock]) -> Clock | None:
    """The running clock due first, else one that waits for its anchor; what others owe comes last."""
    alive = [clock for clock in clocks if clock.state in (ClockState.running, ClockState.waiting)]
    return min(
        alive, key=lambda c: (c.due_at is None, c.owner != "own", c.due_at.timestamp() if c.due_at else 0), default=None
    )


def _share(clock: Clock, now: datetime) -> float | None:
    if clock.anchor_at is None or clock.due_at is None or clock.due_at <= clock.anchor_at:
        return None
    return (now - clock.anchor_at) / (clock.due_at - clock.anchor_at)

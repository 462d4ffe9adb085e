"""The ladder as data: after how many minutes without an answer who is told (bot.md 11).

Defaults stand in ``ladders.toml``; rows replace them per track, agency and level of severity, and an agency's own ladder
wins over the general one. Quick reports climb the incident's ladder of the level their sender proposed.
"""

import tomllib
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from importlib import resources
from typing import NamedTuple

from sqlalchemy import select

from incidents.cases.checks import checked_words
from incidents.cases.models import Rung
from incidents.db import db, take_turn, transaction, utc_now
from incidents.errors import BadInput, StaleVersion
from incidents.people import agencies, log
from incidents.people.members import today
from incidents.people.models import Agency
from incidents.permissions import Actor, require
from incidents.vocabulary import OUTSIDE_AGENCY_TYPES, ROLES, SEVERITIES, Label

INCIDENT, AGENCY = "incident", "agency"
TRACKS: Mapping[str, Label] = {
    INCIDENT: ("Sự việc chưa ai giữ", "An incident nobody holds"),
    AGENCY: ("Cơ quan chưa nhận việc", "An agency that has not accepted"),
}
TARGETS: Mapping[str, Label] = {
    "duty": ROLES["duty"],
    "contact": ROLES["contact"],
    "deputy": ROLES["deputy"],
    "lead": ROLES["lead"],
    "leader": ROLES["leader"],
    "head": ("Thủ trưởng cơ quan", "Head of the agency"),
}
TARGETS_OF: Mapping[str, tuple[str, ...]] = {
    INCIDENT: ("duty", "deputy", "lead", "leader"),
    AGENCY: ("contact", "duty", "deputy", "head", "lead", "leader"),
}
MOST_RUNGS = 6
LONGEST = 7 * 24 * 60  # minutes
AGAIN = 3  # times the last level is told once more, ten minutes apart
_TURN = 7_400_000  # advisory lock: one editor at a time


class RungValue(NamedTuple):
    """After ``minutes`` without an answer, counted from the beginning, tell ``target``."""

    minutes: int
    target: str


Ladder = tuple[RungValue, ...]


class Ladders:
    """Every ladder in force, read in one statement."""

    def __init__(self, rows: Iterable[Rung]) -> None:
        self._written: dict[tuple[str, int | None, int], list[RungValue]] = {}
        for row in rows:
            key = (row.track, row.agency_id, row.severity)
            self._written.setdefault(key, []).append(RungValue(row.minutes, row.target))

    def of(self, track: str, severity: int, agency_id: int | None = None) -> Ladder:
        """The rungs for ``severity`` 1–4, those of the same minute next to each other."""
        own = self.own(track, severity, agency_id)
        return own or tuple(self._written.get((track, None, severity), ())) or defaults()[track][severity]

    def own(self, track: str, severity: int, agency_id: int | None) -> Ladder:
        """What was written for this very agency (or, with None, for all), empty when nothing was."""
        return tuple(self._written.get((track, agency_id, severity), ()))

    def agency_ids(self) -> set[int]:
        """The agencies that have a ladder of their own."""
        return {agency_id for _, agency_id, _ in self._written if agency_id is not None}


@lru_cache(maxsize=1)
def defaults() -> Mapping[str, Mapping[int, Ladder]]:
    """What a desk begins with, track → severity → rungs."""
    text = resources.files("incidents.cases").joinpath("ladders.toml").read_text("utf-8")
    return {
        track: {int(severity): tuple(RungValue(*rung) for rung in rungs) for severity, rungs in levels.items()}
        for track, levels in tomllib.loads(text).items()
    }


def read() -> Ladders:
    """The ladders in force, one statement."""
    wanted = select(Rung).where(Rung.ended_at.is_(None)).order_by(Rung.minutes, Rung.id)
    return Ladders(db.session.scalars(wanted))


def rungs(track: str, agency_id: int | None, severity: int) -> Ladder:
    """One ladder. Whoever needs several reads them at once with ``read``."""
    return read().of(track, severity, agency_id)


def climbs(rungs: Ladder) -> bool:
    """Whether anybody is chased at all: a ladder that only tells at once does not climb (Cấp 1)."""
    return any(rung.minutes for rung in rungs)


def set_rungs(
    actor: Actor,
    track: str,
    agency_code: str,
    severity: int,
    rungs: Sequence[tuple[int, str]],
    reason: str,
    *,
    seen: Sequence[tuple[int, str]] | None = None,
) -> Ladder:
    """Replace one ladder; ``agency_code`` empty: of all agencies. No rungs: back to the general one, or the default.

    ``seen``: the ladder the actor had before him; another one by now raises ``StaleVersion``. Raises ``NotAllowed``, or
    ``BadInput`` naming the field: track, agency, severity, rungs, reason.
    """
    require(actor, "edit_ladder")
    check_kind(track, severity)
    wanted = _checked(track, rungs)
    reason = checked_words("reason", reason, 300)
    if not reason:
        raise BadInput("reason", "Cần ghi lý do đổi thang báo.", "A reason for the change is needed.")
    with transaction():
        agency = agency_of(track, agency_code)
        agency_id = agency.id if agency else None
        take_turn(_TURN)
        before = read()
        if seen is not None and before.of(track, severity, agency_id) != tuple(seen):
            raise StaleVersion
        if before.own(track, severity, agency_id) == wanted:
            return wanted
        _end(track, agency_id, severity, reason)
        now = utc_now()
        for minutes, target in wanted:
            db.session.add(
                Rung(track=track, agency_id=agency_id, severity=severity, minutes=minutes, target=target,
                     made_by_id=actor.id, made_at=now, reason=reason)
            )  # fmt: skip
        log.note(actor, "edit_ladder", f"ladder:{track}:{agency_id or 'all'}:{severity}")
    return wanted


def agency_of(track: str, code: str) -> Agency | None:
    """The agency of a ladder, None for all. Raises ``BadInput`` naming ``agency``."""
    if not code.strip():
        return None
    agency = agencies.by_code(code.strip())
    known = agency is not None and agency.is_valid(today()) and agency.type not in OUTSIDE_AGENCY_TYPES
    if agency is None or not known:
        raise BadInput("agency", f"Không có cơ quan “{code[:60]}”.", f"There is no agency “{code[:60]}”.")
    if track != AGENCY:
        raise BadInput(
            "agency",
            "Thang báo của sự việc chung cho cả Tổ, không đặt riêng cho cơ quan.",
            "The ladder of incidents is one for the task force, not for single agencies.",
        )
    return agency


def check_kind(track: str, severity: int) -> None:
    """Raise ``BadInput`` naming ``track`` or ``severity`` unless there is such a ladder."""
    if track not in TRACKS:
        raise BadInput("track", f"Không có thang báo “{track}”.", f"There is no ladder “{track}”.")
    if severity not in SEVERITIES:
        raise BadInput("severity", "Chọn mức độ từ Cấp 1 đến Cấp 4.", "Choose a level from 1 to 4.")


def _checked(track: str, rungs: Sequence[tuple[int, str]]) -> Ladder:
    wanted = tuple(RungValue(*rung) for rung in rungs)
    if len(wanted) > MOST_RUNGS:
        raise BadInput("rungs", f"Thang báo có nhiều nhất {MOST_RUNGS} bậc.", f"At most {MOST_RUNGS} rungs.")
    for rung in wanted:
        if rung.target not in TARGETS_OF[track]:
            raise BadInput("rungs", f"Không báo được tới “{rung.target}”.", f"“{rung.target}” cannot be told.")
        if not 0 <= rung.minutes <= LONGEST:
            raise BadInput("rungs", "Số phút của mỗi bậc từ 0 đến 10.080 (7 ngày).", "Minutes go from 0 to 10,080.")
    if wanted and wanted[0].minutes != 0:
        raise BadInput("rungs", "Bậc đầu phải báo ngay (0 phút).", "The first rung is told at once (0 minutes).")
    steps = [rung.minutes for rung in wanted]
    if steps != sorted(steps) or len(set(wanted)) != len(wanted):
        raise BadInput(
            "rungs",
            "Số phút phải tăng dần từ trên xuống, mỗi người một bậc.",
            "Minutes must rise from top to bottom, each target once per time.",
        )
    return wanted


def _end(track: str, agency_id: int | None, severity: int, reason: str) -> None:
    same = Rung.agency_id.is_(None) if agency_id is None else Rung.agency_id == agency_id
    running = select(Rung).where(Rung.track == track, same, Rung.severity == severity, Rung.ended_at.is_(None))
    now = utc_now()
    for row in db.session.scalars(running):
        row.ended_at, row.end_reason = now, reason

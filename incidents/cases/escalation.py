"""Climbing until somebody answers: every next rung is a row with its time, so a stop of any length loses nothing.

A rung is climbed once whatever the number of workers and restarts: its row's key is unique, its state is looked at under
the lock of what it climbs for. An empty level is passed at once; after the last one comes three times, every ten minutes,
then the board shows that nobody has answered (bot.md 11).
"""

import logging
from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Row, func, select, update

from incidents.cases import audience, ladder, timeline
from incidents.cases.models import Escalation, Incident
from incidents.cases.waiting import Known, Waiting, locked
from incidents.db import db, transaction, utc_now
from incidents.people.models import Member
from incidents.permissions import CLOCKWORK, Actor
from incidents.telling import alerts
from incidents.telling.models import Alert
from incidents.vocabulary import AlertKind, AlertState, EntryKind, Role

log = logging.getLogger(__name__)

EVERY = timedelta(minutes=10)
LATE_AFTER = timedelta(minutes=2)
BATCH = 25  # rungs of one transaction: whoever wants one of their incidents waits no longer than these take
NOBODY = "hết các cấp, chưa ai nhận"
WAITING, TOLD, SKIPPED, STOPPED = "waiting", "told", "skipped", "stopped"
Facts = dict[str, Any]


def begin(
    actor: Actor,
    waiting: Waiting,
    tell: Callable[[list[Member]], object],
    *,
    ladders: ladder.Ladders | None = None,
    reach: audience.Reach | None = None,
    again: str = "",
) -> None:
    """Tell the first level now and let the next one wait for its time. Inside a transaction, after a flush.

    ``tell`` sends the first alert; where the whole first level had to be passed, or the work came back (``again``: given_back,
    reopened), those who are there are told so instead. The actor is not told of his own action.
    """
    rungs = waiting.rungs(ladders or ladder.read())
    found = reach or waiting.reach()
    first = audience.first_of(rungs, found, waiting.agency_id)
    members = first.besides(actor) if waiting.assignment else audience.hearers(first, found, actor)
    now = utc_now()
    facts = _facts(waiting, 0, "", members, first.skipped) | {"again": again}
    if again or first.passed:
        _alert(waiting, members, 0, facts)
    else:
        tell(members)
    if first.skipped and members:
        _write(waiting, facts, now)
    if not first.members:
        _give_up(waiting, found, now, _facts(waiting, 0, "", [], first.skipped), first.next)
    elif ladder.climbs(rungs):
        _await(waiting, rungs, first.next, now, now)


def restart(actor: Actor, waiting: Waiting, again: str = "") -> None:
    """The cycle begins anew from its first level: ``again`` given_back or reopened.

    Empty: the level has changed, of which the first level hears in another way; only the later ones wait for their time.
    Inside a transaction, after a flush.
    """
    stop(waiting)
    waiting = _next_round(waiting)
    if again:
        begin(actor, waiting, lambda members: None, again=again)
        return
    await_later(waiting, ladder.read())


def await_later(waiting: Waiting, ladders: ladder.Ladders) -> None:
    """Nobody is told now; from the first rung that has a minute on the ladder waits for its time."""
    rungs, now = waiting.rungs(ladders), utc_now()
    later = next((place for place, rung in enumerate(rungs) if rung.minutes), None)
    if later is not None:
        _await(waiting, rungs, later, now, now)


def _next_round(waiting: Waiting) -> Waiting:
    if waiting.report is not None:
        last = select(func.max(Escalation.round)).where(Escalation.quick_report_id == waiting.report_id)
        return replace(waiting, report_round=(db.session.scalar(last) or 1) + 1)
    if waiting.assignment is not None:
        waiting.assignment.round += 1
    elif waiting.incident is not None:
        waiting.incident.hold_round += 1
    return waiting


def stop(waiting: Waiting) -> None:
    """Somebody has answered: nothing more is due of this cycle, and what the board showed of it is settled."""
    _stop(
        Escalation.incident_id == waiting.incident_id,
        Escalation.assignment_id == waiting.assignment_id,
        Escalation.quick_report_id == waiting.report_id,
    )
    _settle(
        Alert.incident_id == waiting.incident_id,
        Alert.quick_report_id == waiting.report_id,
        Alert.cause.startswith(f"{waiting.key}:"),
    )


def stop_all(incident: Incident) -> None:
    """The incident has ended: nobody is called for it or for any part of it."""
    _stop(Escalation.incident_id == incident.id)
    _settle(Alert.incident_id == incident.id, Alert.kind == AlertKind.escalation)


def _stop(*which: ColumnElement[bool]) -> None:
    running = update(Escalation).where(*which, Escalation.state == WAITING)
    db.session.execute(running.values(state=STOPPED, next_at=None, done_at=utc_now()))


def _settle(*which: ColumnElement[bool]) -> None:
    shown = update(Alert).where(*which, Alert.member_id.is_(None), Alert.state == AlertState.failed)
    db.session.execute(shown.values(state=AlertState.superseded))


def climb(now: datetime | None = None) -> int:
    """Climb every rung whose time has come, late ones too. Returns how many were climbed.

    Safe at any moment and for any number of workers. A cycle that fails is logged and left for the next look; the others
    climb all the same.
    """
    now = now or utc_now()
    climbed, failed, known = 0, set[int](), None
    while due := _due(now, failed):
        known = known or Known()
        climbed += _climb_batch(due, now, known, failed)
    return climbed


def _due(now: datetime, failed: Collection[int]) -> list[Row[Any]]:
    row = Escalation
    wanted = select(row.id, row.incident_id, row.assignment_id, row.quick_report_id, row.round)
    wanted = wanted.where(row.next_at <= now, row.id.not_in(failed)).order_by(row.next_at).limit(BATCH)
    return list(db.session.execute(wanted))


def _climb_batch(due: Sequence[Row[Any]], now: datetime, known: Known, failed: set[int]) -> int:
    """Many rungs in one transaction; what somebody else is at work on, or what spoils the batch, one by one."""
    climbed, left = 0, due
    try:
        climbed, left = _climb_rows(due, now, known, wait=False)
    except Exception:  # whatever it is: one by one the others climb all the same
        log.exception("%s escalations could not be climbed together", len(due))
    for row in left:
        try:
            climbed += _climb_rows([row], now, known, wait=True)[0]
        except Exception:
            log.exception("escalation %s could not be climbed", row.id)
            failed.add(row.id)
    return climbed


def _climb_rows(due: Sequence[Row[Any]], now: datetime, known: Known, *, wait: bool) -> tuple[int, list[Row[Any]]]:
    """How many were climbed, and those whose subject was locked (only without ``wait``).

    Nothing is climbed that was answered meanwhile, or by another worker first.
    """
    with transaction():
        subjects = locked(due, wait=wait)
        fresh = select(Escalation).where(Escalation.id.in_(subjects)).execution_options(populate_existing=True)
        rows = {row.id: row for row in db.session.scalars(fresh)}
        climbed = sum(
            _climb_unless_answered(rows[one.id], subjects[one.id], now, known) for one in due if one.id in rows
        )
    return climbed, [one for one in due if one.id not in subjects]


def _climb_unless_answered(row: Escalation, waiting: Waiting, now: datetime, known: Known) -> bool:
    if row.state != WAITING or row.next_at is None:
        return False
    row.next_at, row.done_at = None, now
    if waiting.is_answered:
        row.state = STOPPED
        return False
    _climb(row, waiting, now, known)
    return True


def _climb(row: Escalation, waiting: Waiting, now: datetime, known: Known) -> None:
    rungs, found = waiting.rungs(known.ladders), known.reach(waiting)
    minutes = int((now - row.started_at).total_seconds() // 60)
    first = audience.first_of(rungs, found, waiting.agency_id, start=row.level)
    members, again = first.members, 0
    if not members:  # no level is left that has anybody: once more the last one that has
        again = max(row.level - len(rungs), 0) + 1
        members = audience.last_of(rungs, found, waiting.agency_id) if again <= ladder.AGAIN else []
    facts = _facts(waiting, minutes, row.target, members, first.skipped) | {
        "level": row.level,
        "round": again,
        "told_late": now - row.due_at > LATE_AFTER,
    }
    row.told, row.state = [member.name for member in members], TOLD if members else SKIPPED
    if not members:
        _give_up(waiting, found, row.due_at, facts, row.level)
        return
    _alert(waiting, members, row.level, facts | {"again": "round" if again else ""})
    _write(waiting, facts, row.due_at)
    _await(waiting, rungs, len(rungs) + again if again else first.next, row.started_at, now)


def _await(waiting: Waiting, rungs: ladder.Ladder, place: int, started_at: datetime, now: datetime) -> None:
    """The next rung as a row: at its own minute, however late the one before was; a repetition ten minutes from now."""
    planned = place < len(rungs)
    due_at = started_at + timedelta(minutes=rungs[place].minutes) if planned else now + EVERY
    db.session.add(
        Escalation(
            key=f"{waiting.key}:{waiting.round}:{place}",
            incident_id=waiting.incident_id,
            assignment_id=waiting.assignment_id,
            quick_report_id=waiting.report_id,
            round=waiting.round,
            level=place,
            target=rungs[place].target if planned else "",
            started_at=started_at,
            due_at=due_at,
            next_at=due_at,
            state=WAITING,
            done_at=None,
            told=[],
        )
    )


def _facts(waiting: Waiting, minutes: int, target: str, members: Sequence[Member], skipped: Sequence[str]) -> Facts:
    return {
        "minutes": minutes,
        "target": target,
        "level": 0,
        "agency": waiting.agency,
        "names": [member.name for member in members],
        "skipped": list(skipped),
        "again": "",
        "round": 0,
        "unroutable": False,
        "told_late": False,
    }


def _alert(waiting: Waiting, members: list[Member], level: int, facts: Facts) -> None:
    alerts.tell(
        AlertKind.escalation,
        members,
        f"{waiting.key}:{waiting.round}:{level}",
        incident=waiting.incident,
        quick_report=waiting.report,
        facts=facts,
        lane=alerts.LANE_ESCALATION,
    )


def _write(waiting: Waiting, facts: Facts, at: datetime) -> None:
    """The entry; a quick report has no timeline yet, its rows keep who was told."""
    if waiting.incident is None:
        return
    kept = {name: facts[name] for name in ("minutes", "skipped", "agency", "level", "round", "told_late")}
    timeline.write(
        CLOCKWORK, waiting.incident, EntryKind.escalated, happened_at=at, facts=kept | {"told": facts["names"]}
    )


def _give_up(waiting: Waiting, found: audience.Reach, at: datetime, facts: Facts, level: int) -> None:
    """Nobody is left: the board shows it, the leads hear of it if there are any (promises R12)."""
    _write(waiting, facts | {"names": []}, at)
    _alert(waiting, found.of((Role.lead, Role.deputy)), level, facts | {"unroutable": True})
    now = utc_now()
    db.session.add(
        Alert(
            kind=AlertKind.escalation,
            cause=f"{waiting.key}:{waiting.round}:{level}",
            incident=waiting.incident,
            quick_report=waiting.report,
            facts=facts | {"unroutable": True},
            lane=alerts.LANE_ESCALATION,
            state=AlertState.failed,
            reason=NOBODY,
            due_at=now,
            created_at=now,
        )  # fmt: skip
    )

"""An acceptance expires: whoever says nothing is asked whether he still holds it, then the work goes back (bot.md 6).

``Incident.still_at`` and ``Assignment.expires_at`` are when something is due next: the question, or, once it was asked,
the end of its ten minutes.
"""

import logging
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta

from sqlalchemy import func, select

from incidents.cases import assignments, clocks, escalation, timeline
from incidents.cases.checks import checked_words
from incidents.cases.models import Assignment, Entry, Incident
from incidents.cases.visibility import find
from incidents.cases.waiting import Waiting
from incidents.db import db, transaction, utc_now
from incidents.errors import BadInput, NotOpen, Refusal
from incidents.people.models import Member
from incidents.permissions import CLOCKWORK, Actor, require
from incidents.telling import alerts
from incidents.vocabulary import AlertKind, EntryKind

log = logging.getLogger(__name__)

ANSWER_WITHIN = timedelta(minutes=10)
BATCH = 100


class NotHeld(Refusal):
    vi = "Sự việc {code} không có phần việc nào đang do anh/chị hoặc cơ quan anh/chị giữ."
    en = "You hold no part of incident {code}, nor does your agency."


def heard(incident: Incident, agency_id: int | None, at: datetime) -> None:
    """People have said something: the holder is not asked for a while, nor is that agency. At most one statement and
    what changes; inside a transaction, under the incident's lock."""
    until = at + assignments.SILENCE[incident.severity]
    if incident.still_at is not None:
        asked = incident.still_asked_at is not None
        incident.still_at, incident.still_asked_at = until if asked else max(until, incident.still_at), None
    if agency_id is None:
        return
    for row in _accepted(incident, agency_id):
        if row.expires_at is not None:
            row.expires_at = until if row.asked_at else max(until, row.expires_at)
            row.asked_at = None


def _accepted(incident: Incident, agency_id: int | None) -> list[Assignment]:
    wanted = select(Assignment).where(
        Assignment.incident_id == incident.id,
        Assignment.agency_id == agency_id,
        Assignment.accepted_at.is_not(None),
        Assignment.ended_at.is_(None),
    )
    return list(db.session.scalars(wanted.order_by(Assignment.id)))


def still_here(actor: Actor, code: str) -> Incident:
    """ "Vẫn giữ": the answer to the question, with an entry. Raises ``NotOpen``, ``NotHeld``, ``NotAllowed``."""
    with transaction():
        incident, _ = _held(actor, code)
        heard(incident, actor.agency_id, utc_now())
        entry = timeline.write(actor, incident, EntryKind.acknowledged, facts={"still": True})
        db.session.flush()
        alerts.edit_cards(incident_id=incident.id, cause=f"entry:{incident.code}:{entry.number}")
        return incident


def give_back(actor: Actor, code: str, reason: str) -> Incident:
    """ "Trả lại": what the actor holds, or his agency's part, waits for somebody again; its ladder begins anew.

    Raises ``BadInput`` without a reason, ``NotOpen``, ``NotHeld``, ``NotAllowed``.
    """
    reason = checked_words("reason", reason, 300)
    if not reason:
        raise BadInput("reason", "Cần ghi lý do trả lại.", "A reason is needed.")
    with transaction():
        incident, parts = _held(actor, code)
        if incident.holder_id == actor.id:
            _return_hold(actor, incident, reason)
        else:
            for row in parts:
                _return_part(actor, row, reason)
        return incident


def _held(actor: Actor, code: str) -> tuple[Incident, list[Assignment]]:
    """The incident and the parts of the actor's agency that are its own, not the holder's companion."""
    incident = find(actor, code)
    if incident.has_ended:
        raise NotOpen(code=incident.code)
    parts = [row for row in _accepted(incident, actor.agency_id) if row.accepted_by_id != incident.holder_id]
    if incident.holder_id != actor.id and not parts:
        raise NotHeld(code=incident.code)
    require(actor, "acknowledge", severity=incident.severity)
    return incident, parts


def _return_hold(actor: Actor, incident: Incident, reason: str = "") -> None:
    """Nobody holds it any more: the clock and the ladder begin anew with it, and those of his agency's part."""
    holder = incident.holder
    accepted = _accepted(incident, holder.agency_id) if holder is not None else []
    companions = [row for row in accepted if row.accepted_by_id == incident.holder_id]
    incident.holder_id = incident.held_at = None
    facts = {"who": holder.name if holder else "", "by_hand": actor.id is not None}
    _say(actor, incident, facts, reason)
    assignments.start_hold_clock(incident, actor=actor, again="given_back")
    for row in companions:
        if assignments.must_accept(row):
            _return_part(actor, row, reason)
        else:
            _clear(row)
    _settle(incident)


def reopened(actor: Actor, incident: Incident) -> None:
    """Nobody holds it and no agency has accepted: who had done so may be elsewhere by now. Inside a transaction."""
    incident.holder_id = incident.held_at = None
    assignments.start_hold_clock(incident, actor=actor, again="reopened")
    for row in assignments.open_parts(incident):
        _clear(row)
        if assignments.must_accept(row):
            _ask_again(actor, row, "reopened")


def _return_part(actor: Actor, row: Assignment, reason: str = "") -> None:
    """The agency must accept anew: its clock and its ladder begin again."""
    incident = row.incident
    _clear(row)
    _say(actor, incident, {"agency": row.agency.label, "by_hand": actor.id is not None}, reason)
    _ask_again(actor, row, "given_back")
    _settle(incident)


def _ask_again(actor: Actor, row: Assignment, again: str) -> None:
    assignments.start_part_clock(row)
    db.session.flush()
    escalation.restart(actor, Waiting(row.incident, row), again)


def _clear(row: Assignment) -> None:
    row.accepted_at = row.accepted_by_id = row.expected_at = row.expires_at = row.asked_at = None
    row.note = ""


def _say(actor: Actor, incident: Incident, facts: dict[str, object], reason: str) -> None:
    timeline.write(actor, incident, EntryKind.given_back, reason, facts=facts)
    db.session.flush()


def _settle(incident: Incident) -> None:
    db.session.flush()
    clocks.point_at_next(incident)
    alerts.edit_cards(incident_id=incident.id, cause=f"entry:{incident.code}:{incident.entry_count}")


def watch(now: datetime | None = None) -> int:
    """Ask whoever has been silent too long; take back what was asked ten minutes ago. Returns how many were.

    Each once, however often the time is looked at: the due time moves under the incident's lock.
    """
    now = now or utc_now()
    held = select(Incident.id).where(Incident.still_at <= now).order_by(Incident.still_at).limit(BATCH)
    parts = select(Assignment.id).where(Assignment.expires_at <= now).order_by(Assignment.expires_at).limit(BATCH)
    done = _each(list(db.session.scalars(held)), lambda row_id: _watch_hold(row_id, now))
    return done + _each(list(db.session.scalars(parts)), lambda row_id: _watch_part(row_id, now))


def _each(row_ids: Iterable[int], look: Callable[[int], bool]) -> int:
    done = 0
    for row_id in row_ids:
        try:
            with transaction():
                done += look(row_id)
        except Exception:  # whatever it is, the others are asked all the same
            log.exception("whoever holds %s could not be asked", row_id)
    return done


def _watch_hold(incident_id: int, now: datetime) -> bool:
    incident = db.session.get_one(Incident, incident_id, with_for_update=True, populate_existing=True)
    if incident.still_at is None or incident.still_at > now:
        return False
    if incident.has_ended or incident.holder is None:
        incident.still_at = incident.still_asked_at = None
        return False
    holder = incident.holder
    if incident.still_asked_at is None:
        incident.still_asked_at, incident.still_at = now, now + ANSWER_WITHIN
        _ask(incident, holder, now, f"still:incident:{incident.id}:{now:%Y%m%dT%H%M%S}")
        return True
    _return_hold(CLOCKWORK, incident)
    _tell_ended(incident, holder, "", now)
    return True


def _watch_part(row_id: int, now: datetime) -> bool:
    incident_id = db.session.scalar(select(Assignment.incident_id).where(Assignment.id == row_id))
    incident = db.session.get_one(Incident, incident_id, with_for_update=True, populate_existing=True)
    row = db.session.get_one(Assignment, row_id, populate_existing=True)
    if row.expires_at is None or row.expires_at > now:
        return False
    if incident.has_ended or row.accepted_by is None or row.ended_at is not None:
        row.expires_at = row.asked_at = None
        return False
    member = row.accepted_by
    if row.asked_at is None:
        row.asked_at, row.expires_at = now, now + ANSWER_WITHIN
        _ask(incident, member, now, f"still:assignment:{row.id}:{now:%Y%m%dT%H%M%S}", row)
        return True
    _return_part(CLOCKWORK, row)
    _tell_ended(incident, member, row.agency.label, now)
    return True


def _ask(incident: Incident, member: Member, now: datetime, cause: str, row: Assignment | None = None) -> None:
    spoken = select(func.max(Entry.recorded_at)).where(Entry.incident_id == incident.id, Entry.actor_id.is_not(None))
    last = db.session.scalar(spoken) or incident.opened_at
    facts = {
        "minutes": int((now - last).total_seconds() // 60),
        "agency": row.agency.label if row else "",
        "assignment_id": row.id if row else None,
        "answer_by": (now + ANSWER_WITHIN).isoformat(),
    }
    alerts.tell(AlertKind.still, [member], cause, incident=incident, facts=facts, lane=alerts.LANE_ESCALATION)


def _tell_ended(incident: Incident, member: Member, agency: str, now: datetime) -> None:
    facts = {"key": "hold_ended", "agency": agency}
    cause = f"hold_ended:{incident.id}:{member.id}:{now:%Y%m%dT%H%M%S}"
    alerts.tell(AlertKind.notice, [member], cause, incident=incident, facts=facts, lane=alerts.LANE_ESCALATION)

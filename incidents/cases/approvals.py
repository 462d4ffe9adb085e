"""A step that another person must approve: submitted by whom it is, approved or sent back by somebody else (G2)."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import select

from incidents.cases import approving, audience, gates, timeline
from incidents.cases.checklist import steps_of
from incidents.cases.checks import checked_words
from incidents.cases.doing import checked_done_at, finish, open_step, own_step, step_facts, take
from incidents.cases.models import Entry, Incident, Step
from incidents.db import db, transaction, utc_now
from incidents.errors import BadInput, NotAllowed, Refusal
from incidents.files import write_pictures
from incidents.people.models import Member
from incidents.permissions import Actor
from incidents.telling import alerts
from incidents.text import MAX_TEXT
from incidents.vocabulary import AlertKind, EntryKind


class NotSubmitted(Refusal):
    vi = "Bước {position} chưa được trình duyệt."
    en = "Step {position} has not been submitted."


class Resubmitted(Refusal):
    vi = "Bước {position} vừa được trình lại với nội dung khác. Đọc bản mới rồi duyệt."
    en = "Step {position} has just been submitted anew with other words. Read them, then approve."


class OwnWork(Refusal):
    vi = "Người trình không tự duyệt. Người có thể duyệt: {who}."
    en = "Nobody approves his own work. Who may: {who_en}."


def submit(
    actor: Actor,
    code: str,
    key: str,
    *,
    result: str = "",
    document: str = "",
    settled: Mapping[str, str] | None = None,
    pictures: Sequence[tuple[str, bytes]] = (),
) -> Step:
    """Give the proof and ask for approval ("Trình duyệt"); those who may approve are told.

    Raises ``GateNotMet`` for what is missing besides the approval. Submitting again replaces what was given.
    """
    result, document = checked_words("result", result, MAX_TEXT), checked_words("document", document, 200)
    kept = write_pictures(pictures)
    with transaction():
        incident, step = own_step(actor, code, key)
        given = gates.Given(result, document, gates.checked_settled(step, settled or {}), len(kept))
        if lacks := gates.lacking(incident, step, given, steps_of(incident)):
            raise gates.GateNotMet(step, lacks)
        if step.submitted_at is not None and not _is_new(step, given):
            return step  # pressed again: who drafted it stays who drafted it
        take(step, given)
        step.submitted_at, step.submitted_by_id = utc_now(), actor.id
        facts = step_facts(step) | {"document": step.document, "files": [picture.sha256 for picture in kept]}
        entry = timeline.write(actor, incident, EntryKind.step_submitted, step.result, facts=facts)
        db.session.flush()
        timeline.attach(entry, kept)
        _tell_approvers(actor, incident, step, f"entry:{incident.code}:{entry.number}")
        return step


def _tell_approvers(actor: Actor, incident: Incident, step: Step, cause: str) -> None:
    facts = {"position": step.position, "step_key": step.key, "by": actor.name}
    people = approvers(incident, step, actor.agency_id)
    alerts.tell(AlertKind.approval_wanted, people, cause, incident=incident, facts=facts, besides=actor)
    alerts.edit_cards(incident_id=incident.id, cause=cause)


def _is_new(step: Step, given: gates.Given) -> bool:
    kept = {**step.settled, **given.settled}
    words = (given.result or step.result, given.document or step.document)
    return bool(given.files) or words != (step.result, step.document) or kept != step.settled


def version_of(step: Step) -> str:
    """Eight hexadecimal digits of what was submitted; another submission is another version (G6 in small)."""
    at = step.submitted_at.isoformat() if step.submitted_at else ""
    content = [step.result, step.document, step.settled, step.file_count, at, step.submitted_by_id]
    return hashlib.sha256(json.dumps(content, ensure_ascii=False, sort_keys=True).encode()).hexdigest()[:8]


def approve(
    actor: Actor, code: str, key: str, *, reason: str = "", at: datetime | None = None, seen: str | None = None
) -> Step:
    """Approve what was submitted, word for word as it stands: the step is done. ``seen``: ``version_of`` what was read.

    Raises ``OwnWork`` (also for who submitted an earlier version of it), ``NotSubmitted``, ``Resubmitted``.
    """
    reason = checked_words("reason", reason)
    with transaction():
        incident, step = _submitted(actor, code, key)
        if seen is not None and seen != version_of(step):
            raise Resubmitted(position=step.position)
        steps = steps_of(incident)
        if lacks := gates.lacking(incident, step, gates.Given(), steps):
            raise gates.GateNotMet(step, lacks)
        when = checked_done_at(at, step, reason)
        step.approved_at, step.approved_by_id = utc_now(), actor.id
        drafter = step.submitted_by.name if step.submitted_by else ""
        finish(actor, incident, step, when, reason=reason, steps=steps, approved_of=drafter)
        return step


def send_back(actor: Actor, code: str, key: str, reason: str) -> Step:
    """What was submitted goes back with a reason; what was given stays for the next try, and its author is told."""
    reason = checked_words("reason", reason)
    if not reason:
        raise BadInput("reason", "Cần ghi lý do trả lại.", "A reason is needed.")
    with transaction():
        incident, step = _submitted(actor, code, key)
        author = db.session.get(Member, step.submitted_by_id)
        step.submitted_at = step.submitted_by_id = None
        entry = timeline.write(actor, incident, EntryKind.step_returned, reason, facts=step_facts(step))
        cause = f"entry:{incident.code}:{entry.number}"
        facts = {"key": "step.sent_back", "position": step.position, "reason": reason, "by": actor.name}
        alerts.tell(AlertKind.notice, [author] if author else [], cause, incident=incident, facts=facts)
        db.session.flush()
        alerts.edit_cards(incident_id=incident.id, cause=cause)
        return step


def approvers(incident: Incident, step: Step, agency_id: int | None) -> list[Member]:
    """Who may approve it and may see the incident: by role, and the head of the agency that submits."""
    roles = approving.roles(step.plan, incident.severity)
    people = audience.concerned(incident, roles=roles) if roles else []
    heads = audience.of_agency(incident, agency_id) if agency_id else []
    known = {member.id for member in people}
    return people + [member for member in heads if member.is_head and member.id not in known]


def may_approve(actor: Actor, incident: Incident, step: Step) -> bool:
    """Whether the actor may approve what waits there now."""
    if step.submitted_at is None or step.submitted_by_id == actor.id:
        return False
    agency_id = step.submitted_by.agency_id if step.submitted_by else None
    return approving.may(step.plan, incident.severity, actor, agency_id)


def _submitted(actor: Actor, code: str, key: str) -> tuple[Incident, Step]:
    incident, step = open_step(actor, code, key)
    if step.submitted_at is None:
        raise NotSubmitted(position=step.position)
    who, who_en = approving.words(step.plan, incident.severity)
    if actor.id in _drafters(step):
        raise OwnWork(who=who, who_en=who_en)
    if not may_approve(actor, incident, step):
        raise NotAllowed(who=who, who_en=who_en)
    return incident, step


def _drafters(step: Step) -> set[int | None]:
    """Everybody who submitted it since it was last done: their words may still stand in it (G2)."""
    wanted = select(Entry.actor_id, Entry.kind, Entry.facts).where(
        Entry.incident_id == step.incident_id, Entry.kind.in_((EntryKind.step_submitted, EntryKind.step_done))
    )
    found: set[int | None] = set()
    for actor_id, kind, facts in db.session.execute(wanted.order_by(Entry.number)):
        if facts.get("key") == step.key:
            found = found | {actor_id} if kind == EntryKind.step_submitted else set()
    return found | {step.submitted_by_id}

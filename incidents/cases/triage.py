"""What is known of an incident, settled by a person: kind, category, place, classes, flags, severity, who may see it."""

from collections.abc import Collection, Mapping

from sqlalchemy import select

from incidents.cases import audience, checklist, clocks, harmful, level_change, rhythm, timeline
from incidents.cases import severity as severity_helper
from incidents.cases.checks import checked_place, checked_words
from incidents.cases.intake import name_and_fold
from incidents.cases.models import Assessment, Incident, IncidentReader
from incidents.cases.visibility import find
from incidents.db import db, transaction, utc_now
from incidents.errors import BadInput, NotAllowed, NotOpen, StaleVersion
from incidents.people.agencies import commune_among
from incidents.people.members import today, valid
from incidents.people.models import Agency
from incidents.permissions import Actor, may, require, who_may
from incidents.planning import shelf
from incidents.telling import alerts
from incidents.vocabulary import (
    ACCESS_CLASSES,
    CATEGORIES,
    HARM_CLASSES,
    KINDS,
    SEVERITIES,
    AgencyType,
    AlertKind,
    EntryKind,
    Kind,
)
from playbooks.facts import FACTS
from playbooks.model import Playbook

FLAGS = (*(name for name, fact in FACTS.items() if fact.asked and not fact.choices), "exclusion_checked")
"""Yes or no, answered by a person: the facts that playbooks ask for, and the exclusion check of NĐ 328 Đ.5.5."""

_FACT_CHOICES = {name: fact.choices for name, fact in FACTS.items() if fact.asked and fact.choices}
_CHOICES = {"kind": KINDS, "category": CATEGORIES, "harm_class": HARM_CLASSES, "access_class": ACCESS_CLASSES}


def edit(actor: Actor, code: str, changes: Mapping[str, str | bool], *, version: int | None = None) -> Incident:
    """Change kind, category, place, classes or flags. Only what differs is written, one entry names all of it.

    ``version``: what the actor saw; an older one raises ``StaleVersion`` and the form keeps what was typed.
    """
    with transaction():
        incident = _open(actor, code, version)
        require(actor, "triage", severity=incident.severity)
        changed: dict[str, list[object]] = {}
        for field, value in changes.items():
            before = _apply(incident, field, value)
            if before != value:
                changed[field] = [before, value]
        if not changed:
            return incident
        if "place" in changed:
            incident.commune = _commune(incident.place)
        name_and_fold(incident)
        entry = timeline.write(actor, incident, EntryKind.edited, facts={"changed": changed})
        harmful.close(actor, incident)
        if changed.get("kind", ["", ""])[1] == Kind.harmful_content:
            _start_main(actor, incident)
        checklist.reconsider(actor, incident)
        alerts.edit_cards(incident_id=incident.id, cause=f"entry:{incident.code}:{entry.number}")
        return incident


def _apply(incident: Incident, field: str, value: str | bool) -> object:
    """Set one field, return what it was."""
    if field in FLAGS:
        before = incident.flags.get(field)  # None: nobody has said yet, which is not the same as no
        incident.flags = {**incident.flags, field: bool(value)}
        return before
    if field == "place":
        before_place, incident.place = incident.place, checked_place(str(value))
        return before_place
    if field in ("accuracy", "press_kind"):
        return _apply_fact(incident, field, str(value))
    if field not in _CHOICES or (value not in _CHOICES[field] and (value or field == "kind")):
        raise BadInput(field, "Giá trị này không có trong danh sách.", "This value is not in the list.")
    previous: str = getattr(incident, field)
    setattr(incident, field, value)
    return previous


def _apply_fact(incident: Incident, field: str, value: str) -> object:
    """A fact with choices that only playbooks ask for; empty: not known."""
    if value and value not in _FACT_CHOICES[field]:
        raise BadInput(field, "Giá trị này không có trong danh sách.", "This value is not in the list.")
    before: str = incident.flags.get(field, "")
    incident.flags = {**incident.flags, field: value}
    return before


def _commune(place: str) -> Agency | None:
    communes = select(Agency).where(Agency.type == AgencyType.commune, valid(Agency, today()))
    return commune_among(db.session.scalars(communes).all(), place)


def set_severity(actor: Actor, code: str, severity: int, reason: str, *, version: int | None = None) -> Incident:
    """Raise, lower or confirm the level, with a reason. Above one's right it is proposed and alarms all the same.

    Lowering needs the right that may set the higher level (G16). Raising tells the chain of the new level.
    """
    if severity not in SEVERITIES:
        raise BadInput("severity", "Chọn mức độ từ Cấp 1 đến Cấp 4.", "Choose a level from 1 to 4.")
    reason = checked_words("reason", reason)
    with transaction():
        incident = _open(actor, code, version)
        _set_severity(actor, incident, severity, reason, {})
        return incident


def _set_severity(actor: Actor, incident: Incident, severity: int, reason: str, assessed: Mapping[str, object]) -> None:
    old, higher = incident.severity, max(incident.severity, severity)
    action = "lower_severity" if severity < old else "raise_severity"
    confirmed = may(actor, action, severity=higher)
    if not confirmed and (severity <= old or not may(actor, action, severity=1)):
        who, who_en = who_may(action, higher)
        raise NotAllowed(who=who, who_en=who_en)
    if severity != old and not reason:
        raise BadInput("reason", "Cần ghi lý do đổi mức độ.", "A reason for the change is needed.")
    if severity != old or confirmed != incident.severity_confirmed or assessed:
        _change_severity(actor, incident, severity, confirmed, reason, assessed)


def assess(
    actor: Actor, code: str, answers: Mapping[str, str | int | None], chosen: int | str, reason: str = ""
) -> Incident:
    """Keep the seven answers and the level they give; ``chosen`` is the person's, another than theirs needs a reason.

    The change itself obeys ``set_severity``: a level above one's right is proposed and alarms all the same.
    """
    given = severity_helper.checked(answers)
    reason = checked_words("reason", reason)
    if str(chosen) not in {str(level) for level in SEVERITIES}:
        raise BadInput("chosen", "Chọn mức độ từ Cấp 1 đến Cấp 4.", "Choose a level from 1 to 4.")
    with transaction():
        incident = _open(actor, code, None)
        require(actor, "triage", severity=incident.severity)
        found = severity_helper.assess(given, clocks.facts_of(incident, clocks.anchors_of(incident)))
        if int(chosen) != found.level and not reason:
            words = f"Kết quả là Cấp {found.level}. Chọn mức khác thì cần ghi lý do."
            raise BadInput("reason", words, f"The result is level {found.level}; another choice needs a reason.")
        assessed = {"answers": given, "score": found.score, "level": found.level, "floors": list(found.floors)}
        row = Assessment(incident=incident, chosen=int(chosen), reason=reason, member_id=actor.id, at=utc_now())
        row.answers, row.score, row.level, row.floors = given, found.score, found.level, list(found.floors)
        db.session.add(row)
        said = reason or f"Theo 7 câu trả lời: {found.score} điểm, Cấp {found.level}."
        _set_severity(actor, incident, int(chosen), said, {"assessed": assessed})
        return incident


def _change_severity(
    actor: Actor, incident: Incident, severity: int, confirmed: bool, reason: str, assessed: Mapping[str, object]
) -> None:
    old = incident.severity
    if severity == old and not confirmed:
        confirmed = incident.severity_confirmed  # answering the questions takes no confirmation away
    incident.severity, incident.severity_confirmed = severity, confirmed
    if severity == 4 and old < 4:
        if not clocks.anchors_of(incident).get(rhythm.FLAGGED):  # what runs from the first alarm runs on
            clocks.record_anchor(actor, incident, rhythm.FLAGGED, utc_now(), reason)
            db.session.flush()
        _start_beside(actor, incident)
    if severity != old:
        level_change.call_anew(incident, old)
        rhythm.change(incident, utc_now())
    facts = {"old": old, "new": severity, "confirmed": confirmed, **assessed}
    entry = timeline.write(actor, incident, EntryKind.severity, reason, facts=facts)
    checklist.reconsider(actor, incident)
    cause = f"entry:{incident.code}:{entry.number}"
    if severity > old:
        lane = alerts.LANE_URGENT if severity == 4 else alerts.LANE_OTHER
        people = audience.working_on(incident)
        alerts.tell(AlertKind.severity_raised, people, cause, incident=incident, lane=lane, besides=actor)
        db.session.flush()
    if severity != old:
        level_change.settle(actor, incident, cause)
    alerts.edit_cards(incident_id=incident.id, cause=cause)


def _start_beside(actor: Actor, incident: Incident) -> None:
    """Cấp 4 brings the playbook of activation with it, at whatever time the incident gets there (domain 6, row +)."""
    anchors = clocks.anchors_of(incident)
    for playbook in shelf.fitting(clocks.facts_of(incident, anchors), clocks.regime_day(incident)).parallel:
        _start(actor, incident, playbook)


def _start_main(actor: Actor, incident: Incident) -> None:
    """Harmful content is handled by its own playbook from the hour it is known to be that (domain 6, PB-06)."""
    db.session.flush()
    facts = clocks.facts_of(incident, clocks.anchors_of(incident))
    fit = shelf.fitting(facts, clocks.regime_day(incident))
    if fit.main is not None:
        _start(actor, incident, fit.main)


def _start(actor: Actor, incident: Incident, playbook: Playbook) -> None:
    if not checklist.is_running(incident, playbook.key):
        anchors = clocks.anchors_of(incident)
        checklist.begin(actor, incident, playbook, present=checklist.steps_of(incident), anchors=anchors)
        db.session.flush()


def raise_to(actor: Actor, incident: Incident, severity: int, reason: str) -> None:
    """A merge brings the higher level with it; the rights were checked there. Call inside a transaction."""
    _change_severity(actor, incident, severity, incident.severity_confirmed, reason, {})


def restrict(actor: Actor, code: str, member_ids: Collection[int]) -> Incident:
    """From now on only the named members see the incident; the actor is always among them. An empty list opens it."""
    with transaction():
        incident = find(actor, code)
        require(actor, "restrict", severity=incident.severity)
        present = {
            row.member_id: row
            for row in db.session.scalars(select(IncidentReader).where(IncidentReader.incident_id == incident.id))
        }
        wanted = {*member_ids, actor.id} - {None} if member_ids else set()
        for member_id in wanted - present.keys():
            db.session.add(IncidentReader(incident_id=incident.id, member_id=member_id))
        for member_id in present.keys() - wanted:
            db.session.delete(present[member_id])  # a right, not history: the entry below tells it
        incident.restricted = bool(wanted)
        facts = {"restricted": incident.restricted, "readers": len(wanted)}
        entry = timeline.write(actor, incident, EntryKind.restricted, facts=facts)
        db.session.flush()
        alerts.edit_cards(incident_id=incident.id, cause=f"entry:{incident.code}:{entry.number}")
        return incident


def _open(actor: Actor, code: str, version: int | None) -> Incident:
    incident = find(actor, code)
    if version is not None and version != incident.version:
        raise StaleVersion
    if incident.has_ended:
        raise NotOpen(code=incident.code)
    return incident

"""How an incident begins: logged by an officer, or opened from a quick report. Also the checks every text goes through."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import partial

from flask import current_app
from sqlalchemy import false, or_, select
from sqlalchemy.exc import IntegrityError

from incidents.cases import assignments, audience, checklist, clocks, escalation, harmful, ladder, rhythm, timeline
from incidents.cases.checks import checked_link, checked_place, checked_text, checked_time
from incidents.cases.codes import new_code
from incidents.cases.models import Assignment, Clock, Incident, Step
from incidents.cases.waiting import Waiting
from incidents.db import db, transaction, utc_now
from incidents.errors import BadInput
from incidents.files import Picture, write_pictures
from incidents.people.agencies import commune_among
from incidents.people.members import today, valid
from incidents.people.models import Agency, AgencyFunction, Member
from incidents.permissions import Actor, may, require
from incidents.planning import shelf
from incidents.telling import alerts
from incidents.text import first_link, fold, lowered
from incidents.vocabulary import (
    CATEGORIES,
    KINDS,
    NEUTRAL_TITLES,
    AgencyType,
    AlertKind,
    EntryKind,
    Kind,
    Part,
    Status,
)


def log(
    actor: Actor,
    what: str,
    severity: int | str | None,
    *,
    kind: str = "",
    category: str = "",
    place: str = "",
    link: str = "",
    happened_at: datetime | None = None,
    flags: Mapping[str, bool] | None = None,
    pictures: Sequence[tuple[str, bytes]] = (),
    tell_now: bool = True,
    received_at: datetime | None = None,
    source_key: str | None = None,
) -> Incident:
    """Log an incident: code, first entry, leading agency and commune, fitting playbook with its clocks, and the alerts.

    Only ``what`` and ``severity`` (1–4) are required. A level above the actor's right is kept as proposed and alarms
    at once. The same ``source_key`` twice is one incident: the second call returns the first one's.
    Raises ``BadInput`` (field named), ``StateSecret``, ``NotAllowed``.
    """
    require(actor, "open_incident")
    fields = _checked(what, severity, kind, category, place, link)
    occurred_at = checked_time("happened_at", happened_at)
    if not tell_now and int(fields["severity"]) >= 3:  # type: ignore[call-overload]
        tell_now = True  # silence is offered for Cấp 1–2 only
    kept = write_pictures(pictures)
    try:
        with transaction():
            incident = _new(actor, fields, occurred_at, received_at, flags or {}, source_key)
            _begin(actor, incident, tell_now=tell_now, pictures=kept)
            return incident
    except IntegrityError:
        if source_key and (before := logged_before(source_key)):
            return before
        raise


def logged_before(source_key: str) -> Incident | None:
    return db.session.scalar(select(Incident).where(Incident.source_key == source_key))


def _checked(
    what: str, severity: int | str | None, kind: str, category: str, place: str, link: str
) -> dict[str, object]:
    text = checked_text("what", what)
    if str(severity) not in {"1", "2", "3", "4"}:
        raise BadInput("severity", "Chọn mức độ từ Cấp 1 đến Cấp 4.", "Choose a level from 1 to 4.")
    kind = kind or Kind.communication_incident
    if kind not in KINDS:
        raise BadInput("kind", f"Không có loại sự việc “{kind}”.", f"There is no kind “{kind}”.")
    if category and category not in CATEGORIES:
        raise BadInput("category", f"Không có lĩnh vực “{category}”.", f"There is no category “{category}”.")
    link, place = checked_link(link.strip() or first_link(text)), checked_place(place)
    return {
        "what": text, "severity": int(str(severity)), "kind": kind, "category": category, "place": place, "link": link,
    }  # fmt: skip


def _new(
    actor: Actor,
    fields: Mapping[str, object],
    occurred_at: datetime | None,
    received_at: datetime | None,
    flags: Mapping[str, bool],
    source_key: str | None,
) -> Incident:
    now = utc_now()
    exercise = bool(current_app.config.get("REHEARSAL")) or bool(flags.get("exercise"))
    severity = int(str(fields["severity"]))
    incident = Incident(
        **fields,
        code=new_code(str(fields["kind"]), received_at or now, exercise=exercise),
        title="",
        severity_confirmed=may(actor, "raise_severity", severity=severity),
        status=Status.new,
        is_open=True,
        exercise=exercise,
        flags={key: value for key, value in flags.items() if key != "exercise"},
        playbooks=[],
        occurred_at=occurred_at,
        received_at=received_at or now,
        opened_at=now,
        opened_by_id=actor.id,
        source=actor.source,
        source_key=source_key,
        changed_at=now,
        entry_count=0,
        head_hash="",
    )
    db.session.add(incident)
    return incident


def _begin(actor: Actor, incident: Incident, *, tell_now: bool, pictures: Sequence[Picture]) -> None:
    """Everything a new incident starts with, built in memory and written in one flush."""
    standing, commune = _agencies(incident)
    incident.commune = commune
    name_and_fold(incident)
    facts: dict[str, object] = {"kind": incident.kind, "severity": incident.severity, "place": incident.place}
    if pictures:
        facts["files"] = [picture.sha256 for picture in pictures]
    first = timeline.write(
        actor, incident, EntryKind.opened, incident.what, happened_at=incident.occurred_at, facts=facts
    )
    running = _first_clocks(actor, incident)
    parts = []
    if standing is not None:
        parts.append(assignments.new_part(actor, incident, standing, Part.lead_agency, accept=False)[0])
    if commune is not None:
        row, added = assignments.new_part(actor, incident, commune, Part.support)
        parts.append(row)
        running += added
    clocks.point_at_next(incident, running)
    db.session.flush()
    timeline.attach(first, pictures)
    harmful.close(actor, incident)
    if tell_now:
        _tell(actor, incident, [row for row in parts if row.agency is commune])
    else:
        escalation.await_later(Waiting(incident), ladder.read())


def name_and_fold(incident: Incident) -> None:
    """The neutral title from kind and place (G30), and what search looks at."""
    place = incident.commune.short_name if incident.commune and not incident.place else incident.place
    neutral = NEUTRAL_TITLES[incident.kind][0]
    incident.title = f"{neutral} · {place}" if place else neutral
    commune = incident.commune.name if incident.commune else ""
    searched = " \n ".join((incident.code, incident.title, incident.what, incident.place, commune, incident.link))
    incident.folded, incident.marked = fold(searched), lowered(searched)


def _agencies(incident: Incident) -> tuple[Agency | None, Agency | None]:
    """The standing agency and the commune of the place, in one statement."""
    day = today()
    standing = select(AgencyFunction.agency_id).where(
        AgencyFunction.function == "standing_agency", valid(AgencyFunction, day)
    )
    wanted = or_(Agency.id.in_(standing), Agency.type == AgencyType.commune if incident.place else false())
    rows = db.session.scalars(select(Agency).where(wanted, valid(Agency, day))).all()
    communes = [agency for agency in rows if agency.type == AgencyType.commune]
    return (
        next((agency for agency in rows if agency.type != AgencyType.commune), None),
        commune_among(communes, incident.place),
    )


def _first_clocks(actor: Actor, incident: Incident) -> list[Clock]:
    """The clock until somebody holds the incident, and those of the playbook that fits."""
    running: list[Clock] = []
    if minutes := assignments.HOLD_MINUTES.get(incident.severity):
        running.append(clocks.add_acknowledgement(incident, None, minutes, "Nhận việc", "Acknowledge"))
    running.append(rhythm.begin(incident, incident.opened_at))
    anchors: dict[str, datetime | None] = {
        "received_at": incident.received_at,
        "occurred_at": incident.occurred_at,
        "opened_at": incident.opened_at,
    }
    if incident.severity == 4:
        anchors["crisis_flagged_at"] = incident.opened_at
        clocks.record_anchor(actor, incident, "crisis_flagged_at", incident.opened_at)
    fit = shelf.fitting(clocks.facts_of(incident, anchors), on=clocks.regime_day(incident))
    steps: list[Step] = []
    for playbook in (fit.main, *fit.parallel):
        if playbook is not None:
            running += checklist.begin(actor, incident, playbook, present=steps, anchors=anchors)
            steps = [row for row in db.session.new if isinstance(row, Step) and row.incident is incident]
    return running


def _tell(actor: Actor, incident: Incident, parts: list[Assignment]) -> None:
    """The first level of the ladder gets the incident's card, that of each agency its task; the later ones wait."""
    agency_ids = [row.agency.id for row in parts]
    ladders, reach = ladder.read(), audience.reach(agency_ids, incident if incident.restricted else None)
    for row in parts:
        tell = partial(assignments.tell_agency, actor, row)
        escalation.begin(actor, Waiting(incident, row), tell, ladders=ladders, reach=reach)

    def tell_card(members: list[Member]) -> None:
        alerts.tell(
            AlertKind.incident_new,
            [m for m in members if m.agency_id not in agency_ids],
            f"incident:{incident.code}",
            incident=incident,
            lane=alerts.LANE_URGENT if incident.severity == 4 else alerts.LANE_OTHER,
            besides=actor,
        )

    escalation.begin(actor, Waiting(incident), tell_card, ladders=ladders, reach=reach)


def who_will_be_told(actor: Actor, severity: int, place: str = "") -> list[Member]:
    """The same people ``log`` would tell, for the preview before saving."""
    commune = None
    if place.strip():
        day = today()
        rows = db.session.scalars(select(Agency).where(Agency.type == AgencyType.commune, valid(Agency, day))).all()
        commune = commune_among(rows, place)
    return audience.told(actor, severity, [commune.id] if commune else [])

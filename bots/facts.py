"""Fresh facts for wording: read from the database a moment before a message leaves, as one member may see them."""

from collections.abc import Sequence

from flask import current_app
from sqlalchemy import func, select

from bots.wording.cards import ClockFacts, IncidentFacts, PartFacts, ReportFacts, StepFacts
from bots.wording.shape import is_public
from incidents.cases import approving, assignments, checklist, doers, doing, gates, visibility
from incidents.cases.models import Clock, Incident, QuickReport, QuickReportPart, Step
from incidents.db import db
from incidents.people import members
from incidents.people.models import Agency, Member
from incidents.permissions import Actor, may
from incidents.vocabulary import QUICK_REPORT_WAITING, AgencyType, ClockState, Role, Source, StepState

_HOLDERS = (Role.duty, Role.deputy, Role.lead)
_NEVER = "9999"


def actor_of(member: Member) -> Actor:
    """What the member may do at this very moment: the right is always the presser's, never the card's."""
    return members.actor_of(member, Source.telegram)


def of_incident(incident: Incident, actor: Actor) -> IncidentFacts:
    """The incident as ``actor`` may see it now."""
    steps = checklist.steps_of(incident)
    owed = [step for step in steps if step.applies is True]
    return IncidentFacts(
        id=incident.id,
        code=incident.code,
        version=incident.version,
        kind=incident.kind,
        title=incident.title,
        severity=incident.severity,
        is_confirmed=incident.severity_confirmed,
        status=incident.status,
        received_at=incident.received_at,
        closed_at=incident.closed_at,
        holder=incident.holder.name if incident.holder else "",
        exercise=incident.exercise,
        restricted=incident.restricted,
        is_visible=visibility.is_visible(actor, incident.id),
        clock=next_clock(incident),
        part=own_part(incident, actor),
        may_accept=may_accept(incident, actor),
        step=next_step(incident, actor, steps),
        done=sum(step.state != StepState.open for step in owed),
        steps=len(owed),
    )


def next_clock(incident: Incident) -> ClockFacts | None:
    """The running clock that is due first, our own before those of others."""
    running = db.session.scalars(
        select(Clock).where(
            Clock.incident_id == incident.id, Clock.state == ClockState.running, Clock.due_at.is_not(None)
        )
    ).all()
    first = min(running, key=lambda clock: (clock.owner != "own", clock.due_at), default=None)
    return ClockFacts(first.name, first.name_en, first.due_at) if first and first.due_at else None


def own_part(incident: Incident, actor: Actor) -> PartFacts | None:
    """The part of the member's own agency; the standing agency leads every incident, which needs no saying."""
    row = next((row for row in assignments.open_parts(incident) if row.agency_id == actor.agency_id), None)
    if row is None or (actor.is_standing and not row.purpose):
        return None
    accepted = row.accepted_by.name if row.accepted_by else ""
    return PartFacts(spoken(row.agency), row.part, row.purpose, row.due_at, accepted, row.accepted_at)


def may_accept(incident: Incident, actor: Actor) -> bool:
    """Whether [Nhận việc] has a meaning for this member: his agency's part, or the incident as a whole, is free."""
    if incident.has_ended:
        return False
    mine = [row for row in assignments.open_parts(incident) if row.agency_id == actor.agency_id]
    if not may(actor, "acknowledge", severity=incident.severity, own=bool(mine) or actor.has(*_HOLDERS)):
        return False
    takes_hold = incident.holder_id is None and actor.has(*_HOLDERS)
    return takes_hold or any(row.accepted_at is None for row in mine)


def next_step(incident: Incident, actor: Actor, steps: Sequence[Step] | None = None) -> StepFacts | None:
    """The open step this member may tick and is meant to do: by role and agency of the plan, soonest due first."""
    own = doing.has_part(actor, incident)
    if incident.has_ended or not may(actor, "do_step", severity=incident.severity, own=own):
        return None
    steps = checklist.steps_of(incident) if steps is None else steps
    fitting = [step_facts(step, incident, actor) for step in steps if _is_next(step, steps, actor)]
    return min(fitting, key=lambda s: (s.due_at.isoformat() if s.due_at else _NEVER, s.position), default=None)


def _is_next(step: Step, steps: Sequence[Step], actor: Actor) -> bool:
    """Open, not waiting for another's approval or for an earlier step, and the playbook names him."""
    if step.state != StepState.open or step.applies is not True or step.submitted_at is not None:
        return False
    return doers.is_for(step.plan, actor) and not gates.waiting_for(step, steps)


def step_facts(step: Step, incident: Incident, actor: Actor) -> StepFacts:
    """One step as the member sees it; ``needs_approval``: his doing of it is submitted to another person."""
    due = [clock.due_at for clock in step.clocks if clock.state == ClockState.running and clock.due_at]
    needs_approval = approving.is_needed(step.plan, incident.severity, actor)
    return StepFacts(step.position, step.key, step.name, step.name_en, min(due, default=None), needs_approval)


def of_report(report: QuickReport) -> ReportFacts:
    """The quick report without a word of its content."""
    pictures = select(func.count()).where(
        QuickReportPart.report_id == report.id, QuickReportPart.fetch_state.in_(("waiting", "stored"))
    )
    return ReportFacts(
        id=report.id,
        number=report.number,
        agency=place_of(report.agency) or spoken(report.agency) if report.agency else report.member.name,
        severity=report.severity,
        kind=report.kind,
        arrived_at=report.arrived_at,
        state=report.state,
        code=report.incident.code if report.incident else "",
        incident_severity=report.incident.severity if report.incident else 0,
        reason=report.reason,
        pictures=db.session.scalar(pictures) or 0,
        exercise=report.exercise,
        is_waiting=report.state in QUICK_REPORT_WAITING,
    )


def spoken(agency: Agency) -> str:
    """An agency as people say it: ``UBND xã Bảo Nhai`` for a commune, else its short name."""
    place = place_of(agency)
    return f"UBND {place}" if place else agency.label


def place_of(agency: Agency) -> str:
    """``xã Bảo Nhai`` for the committee of a commune, "" for every other agency."""
    if agency.type != AgencyType.commune:
        return ""
    return agency.area.removeprefix("UBND ")


def page_of(code: str) -> str:
    """The incident's page on the web."""
    return f"{base_url()}/incidents/{code}"


def base_url() -> str:
    return str(current_app.config.get("BASE_URL", "")).rstrip("/")


def links_are_buttons() -> bool:
    """Telegram refuses buttons to a host without a dot (promises F27): then the link is written as text."""
    return is_public(base_url())

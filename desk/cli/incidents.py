"""``desk incident``: log, list, show, assign, acknowledge, move, note."""

from typing import Any

import click

from desk.cli.speaking import acting, by_option, local_time, speaks
from incidents.cases import assignments, intake, moves, notes
from incidents.cases.models import Incident
from incidents.people.members import OPERATOR
from incidents.reading import board, case
from incidents.vocabulary import CATEGORIES, KINDS, STATUSES, Part


@click.group("incident")
def group() -> None:
    """Incidents."""


def _row(incident: Incident) -> dict[str, Any]:
    return {
        "code": incident.code,
        "severity": incident.severity,
        "status": incident.status,
        "kind": incident.kind,
        "title": incident.title,
        "next_due_at": incident.next_due_at,
        "holder": incident.holder.username if incident.holder else None,
    }


@group.command("log")
@click.option("--what", required=True)
@click.option("--kind", type=click.Choice(list(KINDS)))
@click.option("--severity", type=click.IntRange(1, 4), default=2, show_default=True)
@click.option("--category", type=click.Choice(list(CATEGORIES)))
@click.option("--place", default="")
@click.option("--link", default="")
@click.option("--happened-at", default=None, metavar="TIME")
@by_option
@speaks
def log(
    what: str,
    kind: str | None,
    severity: int,
    category: str | None,
    place: str,
    link: str,
    happened_at: str | None,
    username: str,
) -> dict[str, Any]:
    """Log an incident and tell those concerned."""
    incident = intake.log(
        acting(username),
        what,
        severity,
        kind=kind or "",
        category=category or "",
        place=place,
        link=link,
        happened_at=local_time(happened_at),
    )
    return _row(incident)


@group.command("list")
@click.option("--by", "username", required=False, metavar="USERNAME", help="as this member sees them")
@click.option("--state", type=click.Choice(["open", "all", *STATUSES]), default="open")
@click.option("-q", "--query", default="")
@click.option("--limit", default=50, type=click.IntRange(1, 200))
@speaks
def list_(username: str | None, state: str, query: str, limit: int) -> list[dict[str, Any]]:
    """Incidents, most pressing first."""
    actor = acting(username) if username else OPERATOR
    page = board.page(actor, board.Filters(q=query, state=state), limit=limit)
    return [_row(row.incident) for row in page.rows]


@group.command("show")
@click.argument("code")
@click.option("--by", "username", required=False, metavar="USERNAME")
@speaks
def show(code: str, username: str | None) -> dict[str, Any]:
    """One incident with agencies, steps done and timeline."""
    seen = case.read(acting(username) if username else OPERATOR, code, entries=200)
    return _row(seen.incident) | {
        "what": seen.incident.what,
        "place": seen.incident.place,
        "received_at": seen.incident.received_at,
        "version": seen.incident.version,
        "playbooks": [row["code"] for row in seen.incident.playbooks],
        "agencies": [
            {"agency": p.agency.code, "part": p.part, "due_at": p.due_at, "accepted_at": p.accepted_at}
            for p in seen.parts
        ],
        "steps": f"{seen.done}/{len(seen.steps)}",
        "timeline": [
            {"number": e.number, "kind": e.kind, "happened_at": e.happened_at, "by": e.actor_name, "text": e.text}
            for e in reversed(seen.entries)
        ],
    }


@group.command("assign")
@click.argument("code")
@click.argument("agency")
@click.option("--part", type=click.Choice(["lead", "support"]), default="support")
@click.option("--purpose", default="")
@click.option("--due", default=None, metavar="TIME")
@by_option
@speaks
def assign(code: str, agency: str, part: str, purpose: str, due: str | None, username: str) -> dict[str, Any]:
    """Give an agency a part in an incident."""
    wanted = Part.lead_agency if part == "lead" else Part.support
    row = assignments.assign(acting(username), code, agency, wanted, purpose=purpose, due_at=local_time(due))
    return {"code": row.incident.code, "agency": agency, "part": row.part, "due_at": row.due_at}


@group.command("acknowledge")
@click.argument("code")
@by_option
@speaks
def acknowledge(code: str, username: str) -> dict[str, Any]:
    """Accept the own agency's part, or hold the incident."""
    return _row(assignments.acknowledge(acting(username), code))


@group.command("move")
@click.argument("code")
@click.argument("to", type=click.Choice(list(STATUSES)))
@click.option("--reason", default="")
@click.option("--into", default="", metavar="CODE", help="the incident it is merged into")
@click.option("--receiver", default="", help="who receives a transferred incident")
@click.option("--document", default="", help="number and date of the transfer's document")
@by_option
@speaks
def move(code: str, to: str, reason: str, into: str, receiver: str, document: str, username: str) -> dict[str, Any]:
    """Move an incident to another status."""
    actor = acting(username)
    return _row(moves.move(actor, code, to, reason=reason, into=into, receiver=receiver, document=document))


@group.command("note")
@click.argument("code")
@click.argument("text")
@click.option("--happened-at", default=None, metavar="TIME")
@by_option
@speaks
def note(code: str, text: str, happened_at: str | None, username: str) -> dict[str, Any]:
    """Add a line to the timeline."""
    entry = notes.note(acting(username), code, text, happened_at=local_time(happened_at))
    return {"code": entry.incident.code, "number": entry.number, "recorded_at": entry.recorded_at}

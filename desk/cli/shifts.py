"""``desk shift``: the duty roster of an agency."""

from datetime import datetime, timedelta
from typing import Any

import click

from desk.cli.speaking import speaks
from desk.forms import times
from incidents.db import utc_now
from incidents.errors import BadInput
from incidents.people import agencies, members, roster, roster_checks
from incidents.people.models import Agency


@click.group("shift")
def group() -> None:
    """The duty roster."""


@group.command("list")
@click.option("--agency", default="", metavar="CODE", help="default: the standing agency")
@click.option("--days", default=7, type=click.IntRange(1, 400), help="how far ahead")
@speaks
def list_(agency: str, days: int) -> list[dict[str, Any]]:
    """Shifts from now on, with the gaps between them."""
    found, now = _agency(agency), utc_now()
    until = now + timedelta(days=days)
    shifts = [
        {"id": s.id, "from": s.starts_at, "to": s.ends_at, "username": s.member.username, "note": s.note}
        for s in roster.between(found.id, now, until)
    ]
    gaps = [
        {"id": None, "from": gap.starts_at, "to": gap.ends_at, "username": None, "note": "gap"}
        for gap in roster.gaps(found.id, now, until)
    ]
    return sorted(shifts + gaps, key=lambda row: row["from"])


@group.command("add")
@click.argument("username")
@click.option("--agency", default="", metavar="CODE", help="default: the standing agency")
@click.option("--from", "starts_at", required=True, metavar="TIME", help='"22:00 23/11/2026"')
@click.option("--to", "ends_at", required=True, metavar="TIME")
@click.option("--note", default="")
@speaks
def add(username: str, agency: str, starts_at: str, ends_at: str, note: str) -> dict[str, Any]:
    """Put a member on the roster."""
    found = _agency(agency)
    start, end = _time("starts_at", starts_at), _time("ends_at", ends_at)
    made = roster.add_shift(members.OPERATOR, found.code, username, start, end, note)
    return {"id": made.id, "agency": found.code, "username": made.member.username, "shift": roster_checks.span(made)}


def _agency(code: str) -> Agency:
    standing = None if code else agencies.having("standing_agency", members.today())
    return standing or roster_checks.agency_of(code)


def _time(name: str, text: str) -> datetime:
    at = times.read(name, text, ahead=True)
    if at is None:
        raise BadInput(name, "Ghi giờ và ngày.", "Give the time and the day.")
    return at

"""Who is on duty (bot.md ``/truc``): now, until when, by which telephone, and who is next."""

from datetime import datetime

from bots import facts as fresh
from bots.turn import Turn
from bots.wording import say, shape
from incidents.db import db, utc_now
from incidents.people.models import Agency, Member
from incidents.permissions import require
from incidents.reading import roster
from incidents.reading.roster import Present


def show(turn: Turn, argument: str) -> None:
    """The standing agency, and the member's own when it is another. Telegram makes the numbers callable by itself: it
    takes no button that dials."""
    require(turn.actor, "read_planning")
    now = utc_now()
    found = [roster.standing_now(now)]
    own = db.session.get(Agency, turn.actor.agency_id)
    if own is not None and (found[0].agency is None or own.id != found[0].agency.id):
        found.append(roster.now_of(own, now))
    lines = [line for present in found for line in _lines(present, now, turn.lang)]
    turn.answer("duty.now", lines=shape.plain("\n".join(lines)))


def _lines(present: Present, now: datetime, lang: str) -> list[str]:
    agency = fresh.spoken(present.agency) if present.agency else ""
    lines = [_line(shift.member, shift.ends_at, now, lang) for shift in present.shifts]
    if not lines:
        holders = ", ".join(" ".join(filter(None, (one.name, one.office_phone))) for one in present.holders)
        lines = [say("duty.gap_told" if holders else "duty.gap", lang, names=holders)]
    if present.next is not None:
        at = shape.due_time(present.next.starts_at, now)
        lines.append(say("duty.next", lang, name=present.next.member.name, at=at))
    return [say("duty.agency", lang, agency=agency), *lines] if agency else lines


def _line(member: Member, until: datetime, now: datetime, lang: str) -> str:
    phone = f" {member.office_phone}" if member.office_phone else ""
    return say("duty.one", lang, name=member.name, phone=phone, until=shape.due_time(until, now))

"""Changes of legal bases, calendar and working hours: proposed by one person, decided by another, never deleted (G27)."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from incidents.db import db, take_turn, transaction, utc_now
from incidents.errors import AlreadyDone, NotFound, Refusal
from incidents.people import members
from incidents.permissions import Actor, require
from incidents.planning import approved, bases, content
from incidents.planning.calendar import amended, calendar
from incidents.planning.models import Amendment
from incidents.telling import alerts
from incidents.vocabulary import AlertKind, Role
from playbooks.worktime import ZONE

SUBJECTS = ("law", "calendar", "hours")
SUBJECT_WORDS = {
    "law": ("căn cứ pháp lý", "a legal basis"),
    "calendar": ("ngày nghỉ, ngày làm việc", "a day off or worked"),
    "hours": ("giờ làm việc", "the working hours"),
}
_TURN = 7_301  # decisions take turns: two that fit the catalogue one by one may not fit it together


class OwnProposal(Refusal):
    vi = "Người duyệt phải khác người đề nghị."
    en = "Somebody other than the proposer has to decide."


def propose(
    actor: Actor, subject: str, key: str, change: Mapping[str, Any], reason: str, document: str = ""
) -> Amendment:
    """Propose a change; ``change`` as in ``incidents.planning.content``. Raises ``BadInput`` naming the field."""
    require(actor, "propose_planning")
    reason, document = content.words("reason", reason), content.words("document_no", document, 200)
    if not reason:
        raise content.bad("reason", "Cần ghi lý do đề nghị.", "A reason is needed.")
    with transaction():
        key, checked = _checked(subject, key.strip(), change)
        row = Amendment(
            subject=subject,
            key=key,
            content=checked,
            reason=reason,
            document=document,
            proposed_by_id=actor.id,
            proposed_at=utc_now(),
            state="proposed",
        )
        db.session.add(row)
        db.session.flush()
        facts = {
            "key": "planning.proposed",
            "subject": SUBJECT_WORDS[subject][0],
            "subject_en": SUBJECT_WORDS[subject][1],
        }
        alerts.tell(
            AlertKind.notice,
            members.holding(Role.lead),
            f"amendment:{row.id}",
            facts=facts | {"name": actor.name},
            besides=actor,
        )
        return row


def decide(
    actor: Actor, amendment_id: int, approve: bool, note: str = "", *, subjects: Collection[str] = ("law",)
) -> Amendment:
    """Approve or refuse. Calendar and hours go through ``incidents.cases.recount.decide_calendar``: clocks move.

    Raises ``NotFound`` for a proposal that is not of ``subjects``, ``OwnProposal``, ``AlreadyDone``, and ``BadInput`` when the proposal no longer fits what holds today.
    """
    require(actor, "approve_planning")
    note = content.words("note", note)
    if not approve and not note:
        raise content.bad("note", "Cần ghi lý do không duyệt.", "Say why it is refused.")
    with transaction():
        take_turn(_TURN)
        row = db.session.get(Amendment, amendment_id, with_for_update=True, populate_existing=True)
        if row is None or row.subject not in subjects:
            raise NotFound(what=f"#{amendment_id}")
        if row.state != "proposed":
            at = row.decided_at.astimezone(ZONE).strftime("%H:%M") if row.decided_at else ""
            raise AlreadyDone(who=row.decided_by.name if row.decided_by else "", at=at)
        if actor.id == row.proposed_by_id:
            raise OwnProposal
        if approve:
            _checked(row.subject, row.key, row.content)
        row.state = "approved" if approve else "refused"
        row.decided_by_id, row.decided_at, row.note = actor.id, utc_now(), note
        db.session.flush()
        approved.forget()
        return row


def waiting(*subjects: str) -> Sequence[Amendment]:
    """Proposals that nobody has decided yet, oldest first."""
    wanted = select(Amendment).where(Amendment.state == "proposed", Amendment.subject.in_(subjects or SUBJECTS))
    with_people = wanted.options(joinedload(Amendment.proposed_by)).order_by(Amendment.id)
    return db.session.scalars(with_people).all()


def waiting_count() -> int:
    """How many proposals wait."""
    return db.session.scalar(select(func.count()).where(Amendment.state == "proposed")) or 0


def history(*subjects: str, key: str | None = None, limit: int = 50) -> Sequence[Amendment]:
    """Proposals of every state, newest first; ``key``: only those of one basis or day."""
    wanted = select(Amendment).where(Amendment.subject.in_(subjects or SUBJECTS))
    if key is not None:
        wanted = wanted.where(Amendment.key == key)
    people = (joinedload(Amendment.proposed_by), joinedload(Amendment.decided_by))
    return db.session.scalars(wanted.options(*people).order_by(Amendment.id.desc()).limit(limit)).all()


def _checked(subject: str, key: str, change: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
    if subject == "law":
        return key, content.checked_law(key, change, bases.catalogue())
    if subject == "calendar":
        key, checked = content.checked_day(key, change, calendar(), utc_now().astimezone(ZONE).year)
        if checked["day"] == "computed" and key not in {day.isoformat() for day in amended()}:
            raise content.bad("day", "Ngày này đang theo tính toán.", "This day is as computed already.")
        return key, checked
    if subject == "hours":
        return content.checked_hours(key, change)
    raise NotFound(what=subject)

"""Lessons: what people learnt from an incident, whose task it is, and how it reaches the next version of a playbook."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from incidents.cases import timeline
from incidents.cases.checks import checked_text
from incidents.cases.doing import has_part
from incidents.cases.models import Incident, Lesson
from incidents.cases.models import Step as StepRow
from incidents.cases.visibility import find, visible
from incidents.db import db, transaction, utc_now
from incidents.errors import BadInput, Refusal
from incidents.people import members
from incidents.people.models import Member
from incidents.permissions import Actor, require
from incidents.planning import version_rows, versions
from incidents.planning.models import PlaybookVersion
from incidents.telling import alerts
from incidents.vocabulary import ENDED, EntryKind


class NoLessons(Refusal):
    vi = "Không còn bài học nào chưa đưa vào kịch bản này."
    en = "There is no lesson left to take into this playbook."


def add(
    actor: Actor,
    code: str,
    text: str,
    *,
    playbook: str = "",
    step: str = "",
    owner: str = "",
    due_on: date | None = None,
) -> Lesson:
    """Write down a lesson; also after the end. ``playbook``: a key that runs here; ``step``: one of its steps.

    ``owner``: the username of whoever sees to it; ``due_on``: by when. Raises ``BadInput`` naming the field.
    """
    text = checked_text("text", text)
    if due_on is not None and due_on < members.today():
        raise BadInput("due_on", "Hạn của bài học là hôm nay hoặc ngày sau.", "It is due today or on a later day.")
    with transaction():
        incident = find(actor, code)
        require(actor, "add_lesson", severity=incident.severity, own=has_part(actor, incident))
        playbook, step = _checked_place(incident, playbook, step)
        person = _owner(owner)
        lesson = Lesson(
            incident=incident,
            playbook=playbook,
            step=step,
            text=text,
            owner=person,
            due_on=due_on,
            made_by_id=actor.id,
            made_at=utc_now(),
        )
        db.session.add(lesson)
        facts = {"owner": person.name if person else "", "due_on": f"{due_on:%d/%m/%Y}" if due_on else ""}
        facts |= {"playbook": playbook, "step": step}
        entry = timeline.write(actor, incident, EntryKind.lesson, text, facts=facts)
        db.session.flush()
        alerts.edit_cards(incident_id=incident.id, cause=f"entry:{incident.code}:{entry.number}")
        return lesson


def of(incident: Incident) -> Sequence[Lesson]:
    """The lessons of an incident, oldest first."""
    wanted = select(Lesson).where(Lesson.incident_id == incident.id).options(joinedload(Lesson.owner))
    return db.session.scalars(wanted.order_by(Lesson.id)).all()


def waiting(actor: Actor, key: str) -> Sequence[Lesson]:
    """Lessons for playbook ``key`` from ended incidents ``actor`` may see, which no version has taken up."""
    taken = {one.get("id") for row in version_rows.history(key) for one in row.lessons}
    wanted = (
        select(Lesson)
        .join(Incident)
        .where(Lesson.playbook == key, Incident.status.in_(ENDED), visible(actor))
        .options(joinedload(Lesson.owner), joinedload(Lesson.incident))
        .order_by(Lesson.id)
    )
    return [lesson for lesson in db.session.scalars(wanted) if lesson.id not in taken]


def take(actor: Actor, key: str) -> PlaybookVersion:
    """Lay the waiting lessons beside the draft, which is begun when there is none. Raises ``NoLessons``."""
    require(actor, "edit_playbook")
    with transaction():
        found = waiting(actor, key)
        if not found:
            raise NoLessons
        row = versions.add_lessons(actor, key, [_as_data(lesson) for lesson in found])
        for lesson in found:
            lesson.taken_into = row.version
        return row


def readable(actor: Actor, rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The lessons laid beside a draft, as far as ``actor`` may see their incidents; of others only that there is one."""
    ids = [one.get("id") for one in rows]
    seen = set(db.session.scalars(select(Lesson.id).join(Incident).where(Lesson.id.in_(ids), visible(actor))))
    hidden = {"text": "", "incident": "", "owner": "", "due_on": ""}
    return [dict(one) if one.get("id") in seen else {**one, **hidden} for one in rows]


def _as_data(lesson: Lesson) -> dict[str, object]:
    """As it is kept beside the draft; pages show it through ``readable``."""
    return {
        "id": lesson.id,
        "incident": lesson.incident.code,
        "step": lesson.step,
        "text": lesson.text,
        "owner": lesson.owner.name if lesson.owner else "",
        "due_on": lesson.due_on.isoformat() if lesson.due_on else "",
    }


def _checked_place(incident: Incident, playbook: str, step: str) -> tuple[str, str]:
    if playbook and all(row["key"] != playbook for row in incident.playbooks):
        raise BadInput("playbook", "Kịch bản này không chạy ở sự việc.", "This playbook does not run here.")
    if not step:
        return playbook, ""
    row = db.session.scalar(select(StepRow).where(StepRow.incident_id == incident.id, StepRow.key == step))
    if row is None or (playbook and row.playbook != playbook):
        raise BadInput("step", "Bước này không thuộc kịch bản đã chọn.", "This step is not part of that playbook.")
    return playbook or row.playbook, step


def _owner(username: str) -> Member | None:
    if not username.strip():
        return None
    try:
        return members.by_username(username.strip())
    except members.NoSuchMember as error:
        raise BadInput("owner", "Không có thành viên này.", "There is no such member.") from error

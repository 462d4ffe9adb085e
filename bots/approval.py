"""A step that waits for approval, as it is shown in chat: in full, with the mark of exactly that version (G28)."""

from sqlalchemy import select

from bots import facts as fresh
from bots.drafts import Draft, Moot, Option, Work, ask, under
from bots.wording import Html, say, shape
from incidents.cases import approvals
from incidents.cases.approvals import version_of
from incidents.cases.models import Incident, Step
from incidents.db import db
from incidents.text import has_private_number
from incidents.vocabulary import StepState
from playbooks.facts import FACTS


def may_in_chat(incident: Incident, step: Step) -> bool:
    """Whether its text may be shown and approved in a chat: at Cấp 1–2 only (G28: above that on the web, with the second
    factor), nothing restricted, nothing that would have to be masked and so not be the whole text."""
    texts = f"{step.result}\n{step.document}"
    return incident.severity <= 2 and not incident.restricted and not has_private_number(texts)


def wanted(work: Work) -> Draft:
    """``AlertKind.approval_wanted``; moot when it no longer waits, or this member may not approve it any more."""
    step = _step(work, str(work.alert.facts["step_key"]))
    if step is None or not approvals.may_approve(work.reader, work.incident, step):
        raise Moot("không còn chờ duyệt")
    return draft(work, step)


def again(work: Work) -> Draft:
    """The answer to a press that can approve nothing here: what is true now, with its own buttons."""
    step = _step(work, str(work.alert.facts["step_key"]))
    if step is None:
        return Draft(say("old.bare", work.lang))
    return draft(work, step, "approve.changed" if work.alert.facts.get("changed") else "")


def draft(work: Work, step: Step, first: str = "") -> Draft:
    """The whole text with "Duyệt" and "Trả lại", or where to read it on the web. ``first``: a sentence above it."""
    incident, in_chat = work.incident, may_in_chat(work.incident, step)
    if not work.facts().is_visible:
        raise Moot("không còn quyền xem")
    page, as_button = fresh.page_of(incident.code), fresh.links_are_buttons()
    facts = {
        "code": incident.code,
        "position": step.position,
        "step": step.name if work.lang == "vi" else step.name_en or step.name,
        "by": step.submitted_by.name if step.submitted_by else "",
        "at": shape.clock_time(step.submitted_at) if step.submitted_at else "",
    }
    if in_chat:
        text = say("approve.chat", work.lang, **facts, mark=version_of(step), body=Html(_body(step, work.lang)))
    else:
        text = say("approve.web", work.lang, **facts)
    lines = [say(first, work.lang)] if first and in_chat else []
    lines += [text] if as_button else [text, say("see", work.lang, link=page)]
    asked = ask(work, f"approval:{step.id}", _options(step, in_chat))
    return Draft("\n".join(lines), asked, url=page if as_button else "", reply_to=under(work))


def _options(step: Step, in_chat: bool) -> list[Option]:
    """Numbers never change their meaning: 1 approve, 2 send back, 3 view."""
    meant = f"{step.id}:{version_of(step)}"
    decide: list[Option] = [("1", "approve", meant), ("2", "send_back", meant)] if in_chat else []
    return [*decide, ("3", "view", "")]


def _body(step: Step, lang: str) -> str:
    lines = [shape.escape(step.result)] if step.result else []
    if step.document:
        lines.append(say("approve.document", lang, document=step.document))
    for name, value in step.settled.items():
        fact, index = FACTS[name], 0 if lang == "vi" else 1
        words = fact.choices.get(value, (str(value), str(value)))[index]
        lines.append(say("approve.settled", lang, name=fact.vi if lang == "vi" else fact.en, value=words))
    if step.file_count:
        lines.append(say("approve.files", lang, count=step.file_count))
    return "\n".join(lines)


def _step(work: Work, key: str) -> Step | None:
    """The step while it waits for approval."""
    step = db.session.scalar(select(Step).where(Step.incident_id == work.incident.id, Step.key == key))
    is_waiting = step is not None and step.state == StepState.open and step.submitted_at is not None
    return step if is_waiting else None

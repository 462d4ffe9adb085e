"""Answers of a dialogue. ``facts["key"]`` names the sentence; what may have changed since is read afresh.

Other facts: ``prompt`` the question whose buttons stand below, ``also`` further keys said as lines of their own.
"""

from typing import Any

from bots import approval
from bots import facts as fresh
from bots.drafts import Draft, Moot, Work, incident_draft
from bots.wording import Html, say, shape
from bots.wording.cards import report_state, summary
from incidents.db import db
from incidents.telling.models import Prompt


def draft(work: Work) -> Draft:
    """The words of an answer, or of the outcome of a quick report to its sender."""
    key = str(work.alert.facts["key"])
    special = {"card": _card, "summary": _summary, "old": _old, "approval": approval.again}.get(key)
    return special(work) if special else _said(work, key)


def _said(work: Work, key: str) -> Draft:
    facts = _facts(work)
    lines = [say(one, work.lang, **facts) for one in (key, *facts.get("also", ()))]
    prompt_id = facts.get("prompt")
    prompt = db.session.get(Prompt, prompt_id) if prompt_id else None
    if prompt is not None and not prompt.options:
        prompt_id, prompt = prompt.id, None
    return Draft("\n".join(lines), prompt, reply_to=str(facts.get("reply_to", "")), asked=prompt_id or 0)


def _facts(work: Work) -> dict[str, Any]:
    """What is known of the quick report and the member, and above it what the dialogue said."""
    known: dict[str, Any] = {}
    alert = work.alert
    if alert.quick_report is not None:
        report = fresh.of_report(alert.quick_report)
        known |= {
            "number": report.number,
            "code": report.code,
            "severity": report.incident_severity,
            "reason": shape.masked(report.reason),
            "state": report_state(report, work.lang),
            "at": shape.clock_time(report.arrived_at),
        }
    if work.address is not None:
        member = work.address.member
        known |= {"name": member.name, "agency": member.agency.name}
    return known | alert.facts


def _card(work: Work) -> Draft:
    """The card as an answer; where it stands already, a line under it – it is edited by its own alert."""
    card = work.card_here()
    if card is None:
        return incident_draft(work)
    return Draft(say("card.there", work.lang, code=work.incident.code), reply_to=card.message_id)


def _summary(work: Work) -> Draft:
    facts = work.facts()
    if not facts.is_visible:
        return Draft(say("none", work.lang, what=facts.code))
    page, as_button = fresh.page_of(facts.code), fresh.links_are_buttons()
    return Draft(summary(facts, work.lang, work.now, "" if as_button else page), url=page if as_button else "")


def _old(work: Work) -> Draft:
    """A button from another time: what is true now."""
    alert = work.alert
    try:
        if alert.incident_id is not None:
            state = _summary(work).text
        elif alert.quick_report is not None:
            report = fresh.of_report(alert.quick_report)
            state = f"{report.number}: {report_state(report, work.lang)}"
        else:
            return Draft(say("old.bare", work.lang))
    except Moot:
        return Draft(say("old.bare", work.lang))
    return Draft(say("old", work.lang, state=Html(state)))

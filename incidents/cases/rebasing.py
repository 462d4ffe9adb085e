"""A running incident takes a newer version of a playbook, after a person has seen what that changes.

What is done or skipped stays as it was done, under its version. Open steps follow the new version, with its clocks; an
open step that the new version has no more is hidden, and a new one is added at the end, so that no number moves.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from incidents.cases import checklist, clocks, replanning, timeline, twins
from incidents.cases.checks import checked_words
from incidents.cases.models import Incident, Step
from incidents.cases.visibility import find
from incidents.db import transaction, utc_now
from incidents.errors import BadInput, NotFound, NotOpen, Refusal
from incidents.permissions import Actor, require
from incidents.planning import shelf
from incidents.telling import alerts
from incidents.vocabulary import EntryKind, StepState
from playbooks import condition, model
from playbooks.shelf import UnknownPlaybook


class NothingNewer(Refusal):
    vi = "Không có bản mới hơn của kịch bản {code} đang dùng."
    en = "There is no newer version of playbook {code} in force."


@dataclass(frozen=True)
class Effect:
    """What rebasing does to one step of the incident.

    ``kind``: kept (done or skipped, stays as it is), same, changed, added, removed. ``name`` and ``name_en``: the new
    ones where there are any.
    """

    kind: str
    key: str
    name: str
    name_en: str


@dataclass(frozen=True)
class Difference:
    """``old`` runs, ``new`` is in force; ``effects`` in the order of the new version, removed ones last."""

    old: model.Playbook
    new: model.Playbook
    effects: tuple[Effect, ...]

    def of(self, kind: str) -> list[Effect]:
        return [effect for effect in self.effects if effect.kind == kind]


def newer(incident: Incident, key: str) -> model.Playbook | None:
    """The version in force today, when it is newer than the one that runs here."""
    if not incident.is_open:
        return None
    try:
        offered = shelf.get(key)
    except UnknownPlaybook:
        return None
    return offered if offered.version > running_version(incident, key) else None


def running_version(incident: Incident, key: str) -> int:
    """The version of ``key`` that runs on the incident. Raises ``NotFound``."""
    for row in incident.playbooks:
        if row["key"] == key:
            return int(row["version"])
    raise NotFound(what=key)


def differences(incident: Incident, key: str) -> Difference:
    """What the version in force would change here. Raises ``NotFound``, ``NothingNewer``."""
    version = running_version(incident, key)
    new = newer(incident, key)
    if new is None:
        raise NothingNewer(code=next(row["code"] for row in incident.playbooks if row["key"] == key))
    old = shelf.get(key, version)
    return Difference(old, new, tuple(_effects(new, checklist.steps_of(incident), key)))


def rebase(actor: Actor, code: str, key: str, version: int, reason: str) -> Incident:
    """Bring a running incident to ``version``, the one its reader was shown. A reason is needed.

    Raises ``NothingNewer`` when it is not the one in force any more, ``NotOpen``, ``BadInput``.
    """
    reason = checked_words("reason", reason)
    if not reason:
        raise BadInput("reason", "Ghi lý do chuyển bản.", "Say why the version is changed.")
    with transaction():
        incident = find(actor, code)
        require(actor, "rebase_playbook", severity=incident.severity)
        if incident.has_ended:
            raise NotOpen(code=incident.code)
        difference = differences(incident, key)
        if difference.new.version != version:
            sentence = "Kịch bản vừa có bản khác. Xem lại điểm khác rồi xác nhận.", "Another version came into force."
            raise BadInput("version", *sentence)
        _follow(incident, checklist.steps_of(incident), difference.new, key)
        incident.playbooks = [_moved(actor, row, difference.new) for row in incident.playbooks]
        entry = timeline.write(actor, incident, EntryKind.playbook_rebased, reason, facts=_facts(difference))
        checklist.reconsider(actor, incident)
        alerts.edit_cards(incident_id=incident.id, cause=f"entry:{incident.code}:{entry.number}")
        return incident


def _effects(new: model.Playbook, steps: Sequence[Step], key: str) -> list[Effect]:
    present = {step.key: step for step in steps}
    found = []
    for planned in new.steps:
        step = present.get(planned.key)
        found.append(Effect(_kind(step, planned, key), planned.key, planned.name, planned.name_en))
    kept = {planned.key for planned in new.steps}
    for step in steps:
        if step.playbook == key and step.key not in kept and not twins.is_dropped(step.plan):
            kind = "removed" if step.state == StepState.open else "kept"
            found.append(Effect(kind, step.key, step.name, step.name_en))
    return found


def _kind(step: Step | None, planned: model.Step, key: str) -> str:
    if step is None:
        return "added"
    if step.state != StepState.open:
        return "kept"
    if twins.is_dropped(step.plan):
        return "changed"
    if step.playbook != key:
        return "same"  # another running playbook has brought it; only clocks may be added
    return "same" if twins.own_step(step.plan) == planned else "changed"


def _follow(incident: Incident, steps: Sequence[Step], new: model.Playbook, key: str) -> None:
    """Give each open step its new plan, hide what is gone, add what is new; clocks follow in ``reconsider``."""
    present, planned_by_key = {step.key: step for step in steps}, {planned.key: planned for planned in new.steps}
    facts = clocks.facts_of(incident, clocks.anchors_of(incident))
    for step in steps:
        is_dropped, planned = twins.is_dropped(step.plan), planned_by_key.get(step.key)
        if step.state != StepState.open or (step.playbook != key and not is_dropped):
            continue
        if planned is not None:
            _take(step, new, planned, facts)
        elif not is_dropped and not _hand_over(incident, step, key, facts):
            _drop(incident, step)
    position = max((step.position for step in steps), default=0)
    for planned in new.steps:
        if planned.key not in present:
            position += 1
            added = checklist.copy_step(incident, new, planned, position)
            added.applies = condition.holds(planned.when, facts)


def _drop(incident: Incident, step: Step) -> None:
    """Hidden, not skipped: nobody decided that it was not needed here. Its clocks end."""
    step.plan, step.applies = {**step.plan, "dropped": True}, False
    replanning.replan(incident, step, ())


def _take(step: Step, playbook: model.Playbook, planned: model.Step, facts: condition.Facts) -> None:
    checklist.take(step, playbook, planned)
    step.applies = condition.holds(planned.when, facts)
    for clock in step.clocks:
        if clocks.is_running(clock):
            clock.name, clock.name_en = planned.name, planned.name_en


def _hand_over(incident: Incident, step: Step, key: str, facts: condition.Facts) -> bool:
    """A step that another running playbook has too stays its duty (domain 6)."""
    for row in incident.playbooks:
        if row["key"] == key:
            continue
        other = shelf.get(row["key"], row["version"])
        for planned in other.steps:
            if planned.key == step.key:
                _take(step, other, planned, facts)
                return True
    return False


def _moved(actor: Actor, row: Mapping[str, Any], new: model.Playbook) -> dict[str, Any]:
    if row["key"] != new.key:
        return dict(row)
    changed = {"name": new.name, "version": new.version, "rebased_at": utc_now().isoformat(), "rebased_by": actor.id}
    return {**row, **changed}


def _facts(difference: Difference) -> dict[str, Any]:
    names = {kind: [effect.name for effect in difference.of(kind)] for kind in ("added", "changed", "removed")}
    names |= {f"{kind}_en": [effect.name_en for effect in difference.of(kind)] for kind in names}
    new = difference.new
    facts = {"key": new.key, "code": new.code, "name": new.name, "old": difference.old.version, "version": new.version}
    return {**facts, **names}

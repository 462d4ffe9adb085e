"""Editing a draft piece by piece, as its forms do: each verb loads the playbook, changes it, and has the whole checked.

``revision`` is what the editor saw; see ``versions.edit`` for what is raised.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from incidents.errors import BadInput, NotFound
from incidents.permissions import Actor
from incidents.planning import versions
from incidents.planning.models import PlaybookVersion
from incidents.planning.refusals import StepNeeded
from playbooks.model import Playbook, Step

_OWN = ("key", "version", "steps")  # of a playbook's fields those that change another way or never


def change_playbook(actor: Actor, key: str, revision: int, changes: Mapping[str, Any]) -> PlaybookVersion:
    """Change the head: name, summary, fits, order and so on (fields of ``Playbook``)."""
    if wrong := set(changes) & set(_OWN):
        raise ValueError(f"not changed this way: {wrong}")
    return versions.edit(actor, key, revision, lambda playbook: replace(playbook, **changes))


def change_step(actor: Actor, key: str, revision: int, step: str, changes: Mapping[str, Any]) -> PlaybookVersion:
    """Change fields of one step (fields of ``Step``; its key stays). Raises ``NotFound``."""

    def change(playbook: Playbook) -> Playbook:
        _place(playbook, step)
        kept = [replace(one, **changes) if one.key == step else one for one in playbook.steps]
        return replace(playbook, steps=tuple(kept))

    return versions.edit(actor, key, revision, change)


def add_step(actor: Actor, key: str, revision: int, step: Step, position: int | None = None) -> PlaybookVersion:
    """Add a step at ``position`` (from 1; at the end when not given)."""

    def change(playbook: Playbook) -> Playbook:
        if any(one.key == step.key for one in playbook.steps):
            raise BadInput("key", "Đã có bước mang khóa này, đặt khóa khác.", "Another step has this key already.")
        steps = list(playbook.steps)
        steps.insert(len(steps) if position is None else max(0, position - 1), step)
        return replace(playbook, steps=tuple(steps))

    return versions.edit(actor, key, revision, change)


def remove_step(actor: Actor, key: str, revision: int, step: str) -> PlaybookVersion:
    """Take a step out. Raises ``StepNeeded`` naming the steps that wait for it."""

    def change(playbook: Playbook) -> Playbook:
        _place(playbook, step)
        waiting = [one.name for one in playbook.steps if step in one.after]
        if waiting:
            raise StepNeeded(steps=", ".join(waiting))
        return replace(playbook, steps=tuple(one for one in playbook.steps if one.key != step))

    return versions.edit(actor, key, revision, change)


def move_step(actor: Actor, key: str, revision: int, step: str, to: str) -> PlaybookVersion:
    """Move a step ``up`` or ``down`` by one, or to a position (from 1). At the edge nothing happens."""

    def change(playbook: Playbook) -> Playbook:
        steps = list(playbook.steps)
        at = _place(playbook, step)
        moving = steps.pop(at)
        steps.insert(_target(to, at, len(steps)), moving)
        return replace(playbook, steps=tuple(steps))

    return versions.edit(actor, key, revision, change)


def _target(to: str, at: int, last: int) -> int:
    if to in ("up", "down"):
        return min(max(at + (1 if to == "down" else -1), 0), last)
    if not to.isdecimal() or len(to) > 4:
        raise BadInput("to", "Vị trí phải là số thứ tự của bước.", "The position is the number of a step.")
    return min(max(int(to) - 1, 0), last)


def _place(playbook: Playbook, step: str) -> int:
    found = [at for at, one in enumerate(playbook.steps) if one.key == step]
    if not found:
        raise NotFound(what=step)
    return found[0]

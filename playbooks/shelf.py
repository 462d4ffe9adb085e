"""The library of playbooks, read once, and which of them fits an incident."""

import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

from playbooks import condition, loader
from playbooks.model import BadPlaybook, Playbook

log = logging.getLogger(__name__)

FOLDER = Path(__file__).parent / "library"

UNTOLD: Mapping[str, object] = {
    "category": "other",
    "ai_generated": False,
    "impersonates_agency": False,
    "crisis_flagged": False,
    # Until somebody has weighed what the press wrote, it is answered as founded (row 7), never as false (row 6).
    "accuracy": "unknown",
    # Lives first: as long as nobody has said that people are safe, a rumour in a disaster is handled as dangerous.
    "safety": True,
}
"""How a fact that is not known yet is read when a playbook is chosen."""


class UnknownPlaybook(KeyError):  # noqa: N818 - names state the fact, not "Error"
    """The library has no such playbook, or not in this version."""


@dataclass(frozen=True)
class Fit:
    """What to run: the main playbook, None when no file answers for this kind, and those that run beside it."""

    main: Playbook | None
    parallel: tuple[Playbook, ...]


def get(key: str, version: int | None = None) -> Playbook:
    """The playbook with this key, newest version unless one is named. Raises UnknownPlaybook."""
    versions = {playbook.version: playbook for playbook in _library() if playbook.key == key}
    wanted = max(versions, default=0) if version is None else version
    if wanted not in versions:
        raise UnknownPlaybook(f"no playbook {key}" + (f" version {version}" if version is not None else ""))
    return versions[wanted]


def all_playbooks() -> tuple[Playbook, ...]:
    """The newest version of every playbook, in the order of the choosing table."""
    return _newest(_library())


def fitting(facts: Mapping[str, object], on: date | None = None, among: Iterable[Playbook] | None = None) -> Fit:
    """The playbooks for an incident with these facts; with `on`, only those valid on that local day.

    `among`: the playbooks to choose from, of each key the newest valid version; the shipped library when not given.
    Each playbook carries its whole row of the choosing table, earlier rows excluded, so an incident whose own
    playbook is missing gets none rather than a wrong one.
    """
    told = {**UNTOLD, **{name: value for name, value in facts.items() if value is not None}}
    known = _library() if among is None else among
    offered = _newest(playbook for playbook in known if on is None or playbook.is_valid_on(on))
    fit = [playbook for playbook in offered if _holds(playbook.fits, told)]
    main = next((playbook for playbook in fit if playbook.main), None)
    beside = [one for one in offered if one.beside and one is not main and _holds(one.beside, told)]
    added = {one.key: one for one in [*(one for one in fit if not one.main), *beside]}
    return Fit(main, tuple(one for one in offered if one.key in added))


def _holds(text: str, facts: Mapping[str, object]) -> bool:
    """Choosing never stops the opening of an incident: what cannot be weighed does not fit, and is logged."""
    try:
        return condition.holds(text, facts) is True
    except condition.BadCondition:
        log.exception("a playbook's condition cannot be weighed")
        return False


def read(folder: Path) -> tuple[Playbook, ...]:
    """Every playbook of the TOML files in `folder`. Raises BadPlaybook."""
    found: dict[tuple[str, int], Playbook] = {}
    for path in sorted(folder.glob("*.toml")):
        playbook = loader.read(path)
        if (playbook.key, playbook.version) in found:
            raise BadPlaybook(path.name, "key, version", f"đã có {playbook.key} phiên bản {playbook.version}")
        found[playbook.key, playbook.version] = playbook
    return tuple(found.values())


def _newest(playbooks: Iterable[Playbook]) -> tuple[Playbook, ...]:
    """One version of each key, the newest, in the order of the choosing table."""
    by_key = {playbook.key: playbook for playbook in sorted(playbooks, key=lambda one: one.version)}
    return tuple(sorted(by_key.values(), key=lambda one: (one.order, one.key)))


@cache
def _library() -> tuple[Playbook, ...]:
    return read(FOLDER)

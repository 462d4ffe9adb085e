"""Every playbook of the desk: the shipped files and the versions approved here, and which of them is in force.

Kept in the process, so that opening an incident costs no statement for it: a version is approved for a day, and a
process may know of an approval some seconds later than the one that wrote it.
"""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache

from flask import current_app
from sqlalchemy import func, select

from incidents.db import db, utc_now
from incidents.planning import bases
from incidents.planning.models import PlaybookVersion
from playbooks import loader, shelf
from playbooks.law import Catalogue
from playbooks.model import BadPlaybook, Playbook
from playbooks.shelf import Fit, UnknownPlaybook
from playbooks.worktime import ZONE

SECONDS = 5
ACTIVE, RETIRED, DRAFT, DISCARDED = "active", "retired", "draft", "discarded"
_PLACE = "playbook_shelf"
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Held:
    """A version that was approved: shipped with the desk, or made here. ``in_force_from``: a local day.

    ``is_broken``: the stored text no longer reads (a later release knows a word no more); it is not started then.
    """

    key: str
    version: int
    state: str
    in_force_from: date
    playbook: Playbook | None
    shipped: bool = False

    @property
    def is_broken(self) -> bool:
        return self.playbook is None

    def may_start(self, on: date) -> bool:
        """Whether it may be started for an incident of the local day ``on``."""
        is_ready = self.state == ACTIVE and self.in_force_from <= on
        return is_ready and self.playbook is not None and self.playbook.is_valid_on(on)


@dataclass
class _Kept:
    mark: tuple[int, int]
    held: Mapping[tuple[str, int], Held]
    read_at: datetime


def all_versions() -> tuple[Held, ...]:
    """Every approved version, retired ones too, by key and then by number."""
    held = _read().held
    return tuple(held[one] for one in sorted(held))


def get(key: str, version: int | None = None) -> Playbook:
    """The playbook ``key``: the version asked for, retired or not; without one, what is in force today.

    Raises ``UnknownPlaybook``.
    """
    if version is None:
        found = next((one for one in in_force(_today()) if one.key == key), None)
    else:
        held = _read().held.get((key, version))
        found = held.playbook if held else None
    if found is None:
        raise UnknownPlaybook(f"no playbook {key}" + (f" version {version}" if version is not None else ""))
    return found


def in_force(on: date | None = None) -> tuple[Playbook, ...]:
    """One version of each playbook that may be started on the local day ``on`` (today), in the order of choosing.

    Of several the newest that is in force by then.
    """
    day = on or _today()
    newest = {held.key: held.playbook for held in all_versions() if held.may_start(day) and held.playbook}
    return tuple(sorted(newest.values(), key=lambda one: (one.order, one.key)))


def fitting(facts: Mapping[str, object], on: date) -> Fit:
    """The playbooks for an incident with these facts on the local day ``on``, of those in force then."""
    return shelf.fitting(facts, on, among=in_force(on))


def forget() -> None:
    """A version was approved or retired: the next look is a fresh one."""
    current_app.extensions.pop(_PLACE, None)


def shipped() -> Mapping[str, Playbook]:
    """The playbooks that came with the desk, newest of each key."""
    return {playbook.key: playbook for playbook in shelf.all_playbooks()}


def parsed(text: str, name: str) -> Playbook:
    """The playbook in ``text``, read once under the legal bases of today. Raises ``playbooks.model.BadPlaybook``."""
    return _parsed(text, name, _Same(bases.catalogue()))


class _Same:
    """A catalogue that is the same only when it is the same object: comparing its rows would cost more than reading."""

    def __init__(self, catalogue: Catalogue) -> None:
        self.catalogue = catalogue

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same) and self.catalogue is other.catalogue

    def __hash__(self) -> int:
        return id(self.catalogue)


@lru_cache(maxsize=200)
def _parsed(text: str, name: str, law: _Same) -> Playbook:
    return loader.read_text(text, name, law.catalogue)


def _today() -> date:
    return utc_now().astimezone(ZONE).date()


def _read() -> _Kept:
    kept: _Kept | None = current_app.extensions.get(_PLACE)
    age = (utc_now() - kept.read_at).total_seconds() if kept else SECONDS
    return kept if kept is not None and 0 <= age < SECONDS else _check(kept)


def _check(kept: _Kept | None) -> _Kept:
    """Every change of an approved row raises its revision, so number and sum of revisions tell whether any has."""
    marks = select(func.count(), func.coalesce(func.sum(PlaybookVersion.revision), 0))
    count, revisions = db.session.execute(marks.where(PlaybookVersion.state.in_((ACTIVE, RETIRED)))).one()
    if kept is not None and kept.mark == (count, int(revisions)):
        kept.read_at = utc_now()
        return kept
    held = {(one.key, one.version): _of_file(one) for one in shipped().values()}
    for row in _rows() if count else ():
        held[row.key, row.version] = row
    current_app.extensions[_PLACE] = fresh = _Kept((count, int(revisions)), held, utc_now())
    return fresh


def _of_file(playbook: Playbook) -> Held:
    return Held(playbook.key, playbook.version, ACTIVE, playbook.valid_from, playbook, shipped=True)


def _rows() -> list[Held]:
    row = PlaybookVersion
    wanted = select(row.key, row.version, row.state, row.in_force_from, row.toml, row.approved_by_id)
    found = db.session.execute(wanted.where(row.state.in_((ACTIVE, RETIRED)))).all()
    return [
        Held(
            one.key,
            one.version,
            one.state,
            one.in_force_from or date.max,
            _or_none(one.toml, f"{one.key}.toml"),
            shipped=one.approved_by_id is None,
        )
        for one in found
    ]


def _or_none(text: str, name: str) -> Playbook | None:
    try:
        return parsed(text, name)
    except BadPlaybook as fault:
        log.warning("a stored playbook version is left out: %s", fault)
        return None

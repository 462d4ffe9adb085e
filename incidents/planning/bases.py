"""The legal bases of the desk: the shipped catalogue, with what two persons have approved over it."""

import logging
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from incidents.errors import BadInput
from incidents.planning import approved, content
from incidents.planning.approved import Approved
from playbooks.law import Catalogue, shipped

log = logging.getLogger(__name__)


def catalogue(as_of: datetime | None = None) -> Catalogue:
    """The catalogue of today, or as it was known at ``as_of``.

    An incident asks with the time it was opened: an amendment takes effect for new incidents only (G27), however its
    own dates lie.
    """
    kept = approved.read()
    rows = kept.of("law")
    known = [row for row in rows if as_of is None or row.decided_at <= as_of]
    return kept.once(("law", len(known)), lambda: build([*known, *_only_new(rows[len(known) :])]))


def _only_new(later: Iterable[Approved]) -> list[Approved]:
    """Of later amendments the new keys alone: a newer playbook may name them, and they change no rule of before."""
    added = [row for row in later if row.content["action"] == "add"]
    return [replace(row, content=row.content | {"replaces": ""}) for row in added]


def build(rows: Iterable[Approved]) -> Catalogue:
    """The shipped catalogue with ``rows`` over it, in their order.

    A row that no longer fits (a later release of the desk ships the same key) is left out and logged: a desk without
    its law would be worse than one amendment that has to be made again.
    """
    found = shipped()
    for row in rows:
        try:
            found = content.apply_law(row.key, row.content, found)
        except BadInput as refusal:
            log.warning("amendment of legal basis %s left out: %s", row.key, refusal.text("en"))
    return found

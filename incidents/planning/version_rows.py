"""The rows of playbook versions: read by pages, and locked by the verbs that change them."""

from collections.abc import Mapping, Sequence

from sqlalchemy import Select, func, select
from sqlalchemy.orm import joinedload

from incidents.db import db
from incidents.planning import shelf
from incidents.planning.models import PlaybookVersion
from incidents.planning.refusals import NoDraft, StaleDraft
from incidents.planning.shelf import DISCARDED, DRAFT
from playbooks.worktime import ZONE


def draft_of(key: str) -> PlaybookVersion | None:
    """The draft of a playbook, with who saved it last."""
    wanted = _rows(key).where(PlaybookVersion.state == DRAFT).options(joinedload(PlaybookVersion.changed_by))
    return db.session.scalar(wanted)


def drafts() -> Mapping[str, PlaybookVersion]:
    """Every draft by the key of its playbook."""
    wanted = select(PlaybookVersion).where(PlaybookVersion.state == DRAFT)
    return {row.key: row for row in db.session.scalars(wanted.options(joinedload(PlaybookVersion.changed_by)))}


def history(key: str) -> Sequence[PlaybookVersion]:
    """Every version made here, and shipped ones that were retired, newest first, with the people concerned."""
    people = (PlaybookVersion.changed_by, PlaybookVersion.approved_by, PlaybookVersion.retired_by)
    wanted = _rows(key).where(PlaybookVersion.state != DISCARDED).options(*(joinedload(one) for one in people))
    return db.session.scalars(wanted.order_by(PlaybookVersion.version.desc())).all()


def row_of(key: str, version: int, *, locked: bool = False) -> PlaybookVersion | None:
    """The row of one version; ``locked``: inside a transaction that changes it."""
    wanted = _rows(key).where(PlaybookVersion.version == version)
    return db.session.scalar(wanted.with_for_update() if locked else wanted)


def locked_draft(key: str, revision: int | None) -> PlaybookVersion:
    """The draft, for a change. Raises ``NoDraft``, or ``StaleDraft`` when ``revision`` is not the latest."""
    wanted = _rows(key).where(PlaybookVersion.state == DRAFT).with_for_update()
    row = db.session.scalar(wanted.execution_options(populate_existing=True))
    if row is None:
        raise NoDraft
    if revision is not None and row.revision != revision:
        who = row.changed_by.name if row.changed_by else ""
        raise StaleDraft(who=who, at=row.changed_at.astimezone(ZONE).strftime("%H:%M"))
    return row


def next_version(key: str) -> int:
    """The number of the next draft: one more than any version there has been, files and drafts counted."""
    made = db.session.scalar(select(func.max(PlaybookVersion.version)).where(PlaybookVersion.key == key)) or 0
    return 1 + max([made, *(held.version for held in shelf.all_versions() if held.key == key)])


def _rows(key: str) -> Select[PlaybookVersion]:
    return select(PlaybookVersion).where(PlaybookVersion.key == key)

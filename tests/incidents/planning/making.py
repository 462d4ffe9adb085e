"""A newer version of a playbook in force, as Sơn drafts and Bình approves it."""

from collections.abc import Callable

from incidents.people.members import today
from incidents.planning import version_rows, versions
from incidents.planning.models import PlaybookVersion
from playbooks.model import Playbook
from tests import cast

DOCUMENT = "QĐ 12/QĐ-SVHTTDL ngày 20/11/2026"


def in_force(key: str, change: Callable[[Playbook], Playbook]) -> PlaybookVersion:
    """The next version of ``key``, changed, in force from today."""
    row = version_rows.draft_of(key) or versions.new_draft(cast.actor("son"), key)
    versions.edit(cast.actor("son"), key, row.revision, change)
    return versions.approve(cast.actor("binh"), key, DOCUMENT, today())

"""``desk timeline``: is the history what was written?"""

from typing import Any

import click

from desk.cli.speaking import refuse, speaks
from incidents.cases import timeline
from incidents.cases.visibility import find
from incidents.people.members import OPERATOR


@click.group("timeline")
def group() -> None:
    """Timelines."""


@group.command("verify")
@click.argument("code", required=False)
@speaks
def verify(code: str | None) -> dict[str, Any]:
    """Check the chain of one incident, or of all; exit 1 and name the entry when one does not hold."""
    wanted = find(OPERATOR, code).code if code else None
    read, faults = timeline.verify(wanted)
    if faults:
        first = faults[0]
        more = f" (+{len(faults) - 1})" if len(faults) > 1 else ""
        refuse(f"{first.code} #{first.number}: {first.what_en}{more}")
    return {"entries": read, "faults": 0}

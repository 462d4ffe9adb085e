"""Which incidents run a playbook, and in which version."""

from dataclasses import dataclass

from sqlalchemy import select

from incidents.cases.models import Incident
from incidents.cases.visibility import visible
from incidents.db import db
from incidents.permissions import Actor, require


@dataclass(frozen=True)
class Running:
    """An open incident and the version of the playbook it runs."""

    code: str
    title: str
    version: int


def running(actor: Actor) -> dict[str, list[Running]]:
    """Key → the open incidents ``actor`` may see that run it, newest first, in one statement."""
    require(actor, "read_planning")
    wanted = select(Incident.code, Incident.title, Incident.playbooks).where(Incident.is_open.is_(True), visible(actor))
    found: dict[str, list[Running]] = {}
    for row in db.session.execute(wanted.order_by(Incident.id.desc())):
        for one in row.playbooks:
            found.setdefault(one["key"], []).append(Running(row.code, row.title, int(one["version"])))
    return found

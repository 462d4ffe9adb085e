"""Due times that are others now: written down with old and new, and told to those who work on the incident."""

from collections.abc import Sequence

from incidents.cases import audience, clocks, timeline
from incidents.cases.models import Incident
from incidents.db import db
from incidents.permissions import Actor
from incidents.telling import alerts
from incidents.vocabulary import AlertKind, EntryKind


def tell(actor: Actor, incident: Incident, moved: Sequence[clocks.Moved], cause: str) -> None:
    """One entry and one alert of all that moved. ``cause``: "entry:<code>:<number>" of what moved them.

    A clock that has only begun, because its anchor came, has moved from nowhere and is not told.
    """
    facts = {"moved": [one.as_facts() for one in moved if one.old is not None and one.old != one.new]}
    if not facts["moved"]:
        return
    timeline.write(actor, incident, EntryKind.clocks_moved, facts=facts)
    people = audience.working_on(incident)
    alerts.tell(AlertKind.clock_moved, people, cause, incident=incident, facts=facts, besides=actor)
    db.session.flush()

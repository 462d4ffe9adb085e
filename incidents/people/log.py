"""The log of the machine: who signed in, was added, linked a chat. Identities and action names only (promises S40)."""

from incidents.db import db, transaction, utc_now
from incidents.people.models import LogLine
from incidents.permissions import Actor


def note(actor: Actor, action: str, subject: str = "", network_address: str = "") -> None:
    """Append one line, in the transaction that is open or in its own.

    ``subject``: kind and identity, such as ``member:7`` – never a name, a text or what somebody typed.
    """
    with transaction():
        db.session.add(
            LogLine(
                at=utc_now(),
                actor_id=actor.id,
                action=action,
                subject=subject,
                network_address=network_address[:60],
                source=actor.source,
            )
        )

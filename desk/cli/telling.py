"""``desk outbox`` and ``desk inbox``: what is owed and what came in."""

from typing import Any

import click
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from desk.cli.speaking import speaks
from incidents.cases.models import Incident
from incidents.db import db
from incidents.telling import outbox as queue
from incidents.telling.models import Alert, Update
from incidents.vocabulary import AlertState, InboxState


@click.group("outbox")
def outbox() -> None:
    """Alerts owed to people."""


@outbox.command("list")
@click.option("--state", type=click.Choice([state.value for state in AlertState]))
@click.option("--limit", default=100, type=click.IntRange(1, 10_000))
@speaks
def list_alerts(state: str | None, limit: int) -> list[dict[str, Any]]:
    """Alerts, newest first."""
    wanted = select(Alert, Incident.code).outerjoin(Incident, Incident.id == Alert.incident_id)
    wanted = wanted.options(joinedload(Alert.member)).order_by(Alert.id.desc()).limit(limit)
    if state:
        wanted = wanted.where(Alert.state == state)
    return [
        {
            "id": alert.id,
            "kind": alert.kind,
            "state": alert.state,
            "member": alert.member.username if alert.member else None,
            "channel": alert.channel,
            "incident": code,
            "attempts": alert.attempts,
            "due_at": alert.due_at,
            "sent_at": alert.sent_at,
            "reason": alert.reason,
        }
        for alert, code in db.session.execute(wanted)
    ]


@outbox.command("retry")
@speaks
def retry() -> dict[str, Any]:
    """Queue every failed alert again."""
    return {"queued": queue.retry_failed()}


@click.group("inbox")
def inbox() -> None:
    """Updates that came in."""


@inbox.command("list")
@click.option("--state", type=click.Choice([state.value for state in InboxState]))
@click.option("--limit", default=100, type=click.IntRange(1, 10_000))
@speaks
def list_updates(state: str | None, limit: int) -> list[dict[str, Any]]:
    """Updates, newest first; never their content."""
    wanted = select(Update).order_by(Update.id.desc()).limit(limit)
    if state:
        wanted = wanted.where(Update.state == state)
    return [
        {
            "id": row.id,
            "channel": row.channel,
            "external_id": row.external_id,
            "state": row.state,
            "received_at": row.received_at,
            "attempts": row.attempts,
            "error": row.error,
        }
        for row in db.session.scalars(wanted)
    ]

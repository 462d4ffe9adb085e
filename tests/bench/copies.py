"""Copies of one real incident, rows and all, through the bare driver: how the bench fills a desk, and its floor of writing."""

import itertools
from typing import Any

from sqlalchemy import Engine, Table, select

from incidents.cases.models import Assignment, Clock, Entry, Escalation, Incident, Step
from incidents.db import Base, db
from incidents.telling.models import Alert

CHILDREN: tuple[type[Base], ...] = (Entry, Assignment, Step, Clock, Escalation, Alert)
Rows = dict[str, list[dict[str, Any]]]


class Template:
    """The rows of one incident as the driver takes them, ready to be written again under another code."""

    def __init__(self, engine: Engine, incident_id: int) -> None:
        self._paramstyle = engine.dialect.paramstyle
        self._incident = _rows(engine, Incident.__table__, Incident.id == incident_id)[0]  # type: ignore[arg-type]
        self._children = {
            table.__tablename__: _rows(engine, table.__table__, table.incident_id == incident_id)  # type: ignore[attr-defined]
            for table in CHILDREN
        }
        self._numbers = itertools.count(1)

    def write(self, cursor: Any) -> int:
        """One more incident: an INSERT per table, each with all its rows. Returns its id; the caller commits."""
        number = next(self._numbers)
        own = self._incident | {"code": f"SK-1999-{number:04d}", "source_key": None}
        cursor.execute(*self._insert("incidents", [own], returning=True))
        incident_id = int(cursor.fetchone()[0])
        steps: dict[int, int] = {}
        for name, rows in self._children.items():
            moved = [self._moved(row, incident_id, number, steps) for row in rows]
            ids = [row["id"] for row in rows]
            cursor.execute(*self._insert(name, moved, returning=name == "steps"))
            if name == "steps":
                steps = dict(zip(ids, (found[0] for found in cursor.fetchall()), strict=True))
        return incident_id

    def _moved(self, row: dict[str, Any], incident_id: int, number: int, steps: dict[int, int]) -> dict[str, Any]:
        moved = row | {"incident_id": incident_id}
        if "cause" in row:
            moved["cause"] = f"bench:{number}:{row['id']}"
            moved["state"] = "sent"
        if "next_at" in row:
            moved["key"] = f"bench:{number}:{row['id']}"
        if row.get("step_id"):
            moved["step_id"] = steps[row["step_id"]]
        if row.get("assignment_id"):
            moved["assignment_id"] = None
        return moved

    def _insert(self, table: str, rows: list[dict[str, Any]], *, returning: bool) -> tuple[str, list[Any]]:
        columns = [name for name in rows[0] if name != "id"]
        mark = "?" if self._paramstyle == "qmark" else "%s"
        values = ", ".join(["(" + ", ".join([mark] * len(columns)) + ")"] * len(rows))
        names = ", ".join(f'"{name}"' for name in columns)
        text = f"INSERT INTO {table} ({names}) VALUES {values}" + (" RETURNING id" if returning else "")
        return text, [row[name] for row in rows for name in columns]


def _rows(engine: Engine, table: Table, condition: Any) -> list[dict[str, Any]]:
    """Values as they lie in the database, not as the models read them, so that the driver takes them back."""
    statement = select(table).where(condition).compile(engine, compile_kwargs={"literal_binds": True})
    connection = engine.raw_connection()
    try:
        cursor = connection.cursor()
        cursor.execute(str(statement))
        names = [column[0] for column in cursor.description]
        return [_writable(dict(zip(names, row, strict=True))) for row in cursor.fetchall()]
    finally:
        connection.close()


def _writable(row: dict[str, Any]) -> dict[str, Any]:
    """psycopg reads JSON into Python; to write it back it wants to be told so."""
    if db.engine.dialect.name != "postgresql":
        return row
    from psycopg.types.json import Json

    return {key: Json(value) if isinstance(value, dict | list) else value for key, value in row.items()}

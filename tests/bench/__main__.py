"""Prints JSON: milliseconds of the desk and of its floor, their ratio, SQL statements; SQLite and PostgreSQL."""

import json
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from flask import Flask
from sqlalchemy import event, func, select

from incidents.cases import intake
from incidents.cases.models import Incident
from incidents.db import db
from incidents.people import sessions
from incidents.people.members import by_username
from incidents.permissions import Actor
from incidents.reading import board, case
from incidents.vocabulary import Kind
from tests import cast
from tests.bench import ticking
from tests.bench.copies import Template
from tests.conftest import fill, make_app
from tests.databases import Postgres

INCIDENTS = 10_000
ROUNDS = 30
WHAT = "Trên mạng nói đập thủy điện Suối Mận đã vỡ, dân thôn 3 đang chạy lên đồi, xin xác minh gấp"


def log(actor: Actor) -> Incident:
    return intake.log(actor, WHAT, 3, kind=Kind.suspected_false, category="disaster", place="xã Bảo Nhai")


class Watched:
    """Statements a piece of work sends, with their parameters, so that the floor can send the very same."""

    def __init__(self) -> None:
        self.sent: list[tuple[str, Any]] = []

    def __enter__(self) -> "Watched":
        event.listen(db.engine, "before_cursor_execute", self._note)
        return self

    def __exit__(self, *_: object) -> None:
        event.remove(db.engine, "before_cursor_execute", self._note)

    def _note(self, _c: object, _u: object, statement: str, parameters: Any, *_: object) -> None:
        if not statement.startswith("BEGIN"):
            self.sent.append((statement, parameters))


def milliseconds(work: Callable[[], object], rounds: int = ROUNDS) -> float:
    """The median of several rounds after one that warms up."""
    work()
    times = []
    for _ in range(rounds):
        start = time.perf_counter()
        work()
        times.append((time.perf_counter() - start) * 1000)
    return statistics.median(times)


def reading(work: Callable[[], object]) -> dict[str, float]:
    """The work, and its own statements sent again through the bare driver with every row fetched."""
    db.session.rollback()
    with Watched() as watched:
        work()
    db.session.rollback()

    def floor() -> None:
        connection = db.engine.raw_connection()
        cursor = connection.cursor()
        for statement, parameters in watched.sent:
            cursor.execute(statement, parameters)
            cursor.fetchall()
        connection.close()

    def desk() -> None:
        work()
        db.session.rollback()
        db.session.expunge_all()

    return compared(milliseconds(desk), milliseconds(floor), len(watched.sent))


def writing(actor: Actor, template: Template) -> dict[str, float]:
    """Logging an incident, and the same rows written through the bare driver in one transaction."""
    with Watched() as watched:
        log(actor)

    def floor() -> None:
        connection = db.engine.raw_connection()
        cursor = connection.cursor()
        if db.engine.dialect.name == "sqlite":
            cursor.execute("BEGIN IMMEDIATE")
        template.write(cursor)
        connection.commit()
        connection.close()

    return compared(milliseconds(lambda: log(actor)), milliseconds(floor), len(watched.sent))


def compared(desk: float, floor: float, statements: int) -> dict[str, float]:
    return {
        "desk_ms": round(desk, 2),
        "floor_ms": round(floor, 2),
        "ratio": round(desk / floor, 2),
        "statements": statements,
    }


def populate(actor: Actor) -> Template:
    """10,000 incidents: one logged by the verb, the rest its copies."""
    template = Template(db.engine, log(actor).id)
    db.session.rollback()
    connection = db.engine.raw_connection()
    cursor = connection.cursor()
    if db.engine.dialect.name == "sqlite":
        cursor.execute("BEGIN IMMEDIATE")
    for _ in range(INCIDENTS - 1):
        template.write(cursor)
    connection.commit()
    cursor.execute("ANALYZE")
    connection.commit()
    connection.close()
    return template


def measure(app: Flask) -> dict[str, Any]:
    with app.app_context():
        an = cast.actor("an")
        template = populate(an)
        code = db.session.scalar(select(Incident.code).order_by(Incident.id.desc()).limit(1)) or ""
        found: dict[str, Any] = {"incidents": db.session.scalar(select(func.count(Incident.id)))}
        found["list"] = reading(lambda: board.page(an, board.Filters()))
        found["search"] = reading(lambda: board.page(an, board.Filters(q="vo dap suoi man")))
        found["page"] = reading(lambda: case.read(an, code))
        found["create"] = writing(an, template)
        token = sessions.start(by_username("an"), "127.0.0.1", "bench", second_factor=True)
        db.session.remove()
    found["http"] = over_http(app, token, code)
    with app.app_context():
        found["tick"] = ticking.measure(reading)
        db.session.remove()
    return found


def over_http(app: Flask, token: str, code: str) -> dict[str, Any]:
    """Whole pages as a browser asks for them: signing in, rights, frame and template with them."""
    client = app.test_client()
    with client.session_transaction() as kept:
        kept["_user_id"], kept["_fresh"] = token, True

    def get(address: str) -> Any:
        answer = client.get(address)
        if answer.status_code != 200:
            raise RuntimeError(f"{address}: {answer.status_code}")
        return answer

    found = {}
    for name, address in (("list", "/incidents"), ("page", f"/incidents/{code}")):
        get(address)  # names of those on duty and of agencies are kept for some seconds: the count is of a warm page
        with app.app_context(), Watched() as watched:
            size = len(get(address).data)
        found[name] = {
            "ms": round(milliseconds(lambda address=address: get(address)), 2),
            "statements": len(watched.sent),
            "bytes": size,
        }
    return found


def main() -> None:
    result = {}
    with tempfile.TemporaryDirectory() as folder:
        first, second = Path(folder) / "sqlite", Path(folder) / "postgresql"
        for path in (first, second):
            path.mkdir()
        app = make_app(f"sqlite:///{first / 'desk.sqlite3'}", first)
        fill(app)
        result["sqlite"] = measure(app)
        server = Postgres(Path(folder) / "server")
        app = make_app(server.url("template_desk"), second)
        fill(app)
        result["postgresql"] = measure(app)
        with app.app_context():
            db.engine.dispose()
        server.close()
    sys.stdout.write(json.dumps(result, indent=2) + "\n")


main()

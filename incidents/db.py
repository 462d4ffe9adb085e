"""The database: one base class, aware times, and ``transaction()``, the only place that commits."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any, cast

from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import CursorResult, DateTime, Engine, MetaData, UpdateBase, event, func, select
from sqlalchemy.engine import Connection, Dialect
from sqlalchemy.orm import DeclarativeBase
from sqlalchemy.pool import ConnectionPoolEntry
from sqlalchemy.sql.compiler import InsertmanyvaluesSentinelOpts
from sqlalchemy.types import TypeDecorator

from incidents.errors import PendingChanges


class Base(DeclarativeBase):
    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


class UtcDateTime(TypeDecorator[datetime]):
    """An aware UTC time. SQLite keeps it without a zone, PostgreSQL with one; a naive time is a programmer's fault."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"a time without a zone: {value!r}")
        utc = value.astimezone(UTC)
        return utc.replace(tzinfo=None) if dialect.name == "sqlite" else utc

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


db = SQLAlchemy(model_class=Base, session_options={"autoflush": False})
_WRITING = "writing"


def utc_now() -> datetime:
    """The present time, aware, in UTC. Tests move it with time-machine."""
    return datetime.now(UTC)


@contextmanager
def transaction() -> Iterator[None]:
    """One change of the desk: all of it or nothing.

    Re-entrant: a verb may call a verb, there is one commit. It refuses pending changes, ends the read that is open
    (left open it would make ``BEGIN IMMEDIATE`` silently a late upgrade), then begins, on SQLite with the write lock.
    """
    session = db.session()
    if session.info.get(_WRITING):
        yield
        return
    if session.new or session.dirty or session.deleted:
        raise PendingChanges([*session.new, *session.dirty, *session.deleted])
    session.rollback()
    session.info[_WRITING] = True
    try:
        session.connection(execution_options={_WRITING: True})
        yield
        session.commit()
    except BaseException:
        session.rollback()
        raise
    finally:
        session.info[_WRITING] = False


def rows_changed(statement: UpdateBase) -> int:
    """Execute an UPDATE and say how many rows it changed: the answer of a conditional change."""
    return cast("CursorResult[Any]", db.session.execute(statement)).rowcount


def take_turn(key: int) -> None:
    """Wait until no other transaction has taken ``key``. SQLite's write lock has done so already."""
    if db.session.get_bind().dialect.name == "postgresql":
        db.session.execute(select(func.pg_advisory_xact_lock(key)))


def is_writing() -> bool:
    """Whether a transaction is open; channels refuse to send inside one."""
    return bool(db.session().info.get(_WRITING))


@event.listens_for(Engine, "connect")
def _prepare_sqlite(connection: Any, _entry: ConnectionPoolEntry) -> None:
    if not type(connection).__module__.startswith("sqlite3"):
        return
    connection.isolation_level = None  # we say BEGIN ourselves, below
    for pragma in (
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
        "busy_timeout=30000",
        "temp_store=MEMORY",
    ):
        connection.execute(f"PRAGMA {pragma}")


@event.listens_for(Engine, "engine_connect")
def _insert_in_batches(connection: Connection) -> None:
    """SQLite numbers the rows of one multi-row INSERT in their order, so a flush may send one statement per table."""
    if connection.dialect.name == "sqlite":
        connection.dialect.insertmanyvalues_implicit_sentinel = InsertmanyvaluesSentinelOpts.ANY_AUTOINCREMENT


@event.listens_for(Engine, "begin")
def _begin(connection: Connection) -> None:
    if connection.dialect.name == "sqlite":
        immediate = connection.get_execution_options().get(_WRITING)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if immediate else "BEGIN")

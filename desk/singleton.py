"""One worker leads: it keeps the clocks, polls and fetches. A second one stands by and takes over when the first dies.

SQLite: a file lock in the data folder, which the kernel drops with the process. PostgreSQL: a session's advisory lock,
which the server drops with the connection (promises F17: 5–7 ms after a kill).
"""

import fcntl
from io import TextIOWrapper
from pathlib import Path
from typing import Protocol

from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import SQLAlchemyError

_KEY = 7_210_002


class Lock(Protocol):
    def hold(self) -> bool:
        """Take the lock, or see that it is still ours. Called every second; never waits."""

    def release(self) -> None: ...


class FileLock:
    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: TextIOWrapper | None = None

    def hold(self) -> bool:
        if self._file is not None:
            return True
        file = self._path.open("a")
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.close()
            return False
        self._file = file
        return True

    def release(self) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None


class AdvisoryLock:
    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._connection: Connection | None = None

    def hold(self) -> bool:
        """A connection that broke has lost the lock with it: another worker may lead by now, so it is asked for anew."""
        try:
            if self._connection is not None:
                self._connection.execute(text("SELECT 1"))
                return True
            connection = self._engine.connect().execution_options(isolation_level="AUTOCOMMIT")
            if connection.execute(text("SELECT pg_try_advisory_lock(:key)"), {"key": _KEY}).scalar():
                self._connection = connection
                return True
            connection.close()
        except SQLAlchemyError:
            self.release()
        return False

    def release(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.invalidate()
            connection.close()


def lock(engine: Engine, data_dir: Path) -> Lock:
    """The lock that fits the database."""
    return AdvisoryLock(engine) if engine.dialect.name == "postgresql" else FileLock(data_dir / "worker.lock")

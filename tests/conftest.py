"""What every test may stand on: a desk with its real schema and pack on SQLite and on PostgreSQL, and one small cast."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import hypothesis
import pytest
from flask import Flask
from playwright.sync_api import Browser

os.environ.setdefault("PTB_TIMEDELTA", "1")

from desk import create_app, settings  # noqa: E402 - the library reads its switch when it is imported
from incidents import migrations  # noqa: E402
from incidents.db import db  # noqa: E402
from incidents.people import agencies  # noqa: E402
from tests import cast  # noqa: E402
from tests.databases import Postgres  # noqa: E402
from tests.rehearsing import browser  # noqa: E402

# A busy machine is no fault of the code: speed is shown by the bench, never by a test that may time out.
hypothesis.settings.register_profile(
    "desk", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow], print_blob=True
)
hypothesis.settings.load_profile("desk")

LONG = {"promises", "browser", "stories"}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Files that take minutes begin first, so that two workers end together; the order within a file stays."""
    items.sort(key=lambda item: item.path.parent.name not in LONG)


def make_app(url: str, data_dir: Path, *, rehearsal: bool = False, **env: str) -> Flask:
    """The real application on a database and a data folder of the test's own, with cheap password hashing."""
    if rehearsal:
        (data_dir / "rehearsal").write_text("{}", "utf-8")
    made = settings.read(
        {"DESK_DATA_DIR": str(data_dir), "DESK_DATABASE_URL": url, "DESK_TELEGRAM_TOKEN": "1:test"} | env
    )
    app = create_app(made)
    app.config.update(TESTING=True, PASSWORD_COST=(8, 1, 1))
    return app


def fill(app: Flask) -> None:
    with app.app_context():
        migrations.upgrade()
        agencies.load_pack("2025")
        cast.join()
        db.session.remove()
        db.engine.dispose()


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A filled SQLite file to copy: migrating and loading the pack happens once."""
    folder = tmp_path_factory.mktemp("template")
    fill(make_app(f"sqlite:///{folder / 'desk.sqlite3'}", folder))
    return folder


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Postgres]:
    """A PostgreSQL server of our own on a socket of its own, with a filled template database."""
    server = Postgres(tmp_path_factory.mktemp("postgres"))
    folder = tmp_path_factory.mktemp("template-pg")
    fill(make_app(server.url("template_desk"), folder))
    yield server
    server.close()


@pytest.fixture
def sqlite_app(sqlite_template: Path, tmp_path: Path) -> Iterator[Flask]:
    yield from _running(_on_sqlite(sqlite_template, tmp_path))


@pytest.fixture
def postgres_app(postgres: Postgres, tmp_path: Path) -> Iterator[Flask]:
    yield from _running(_on_postgres(postgres, tmp_path))


@pytest.fixture(params=["sqlite", "postgresql"])
def desk_app(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Flask]:
    """The desk on each database in turn, outside any context."""
    if request.param == "sqlite":
        yield from _running(_on_sqlite(request.getfixturevalue("sqlite_template"), tmp_path))
    else:
        yield from _running(_on_postgres(request.getfixturevalue("postgres"), tmp_path))


@pytest.fixture
def desk(desk_app: Flask) -> Iterator[Flask]:
    """The same inside an application context, for tests that call verbs."""
    with desk_app.app_context():
        yield desk_app


@pytest.fixture
def sqlite_desk(sqlite_app: Flask) -> Iterator[Flask]:
    with sqlite_app.app_context():
        yield sqlite_app


def _on_sqlite(template: Path, folder: Path) -> Flask:
    for name in ("desk.sqlite3", "secret.key", "timeline.key"):
        if (template / name).exists():
            shutil.copy(template / name, folder / name)
    return make_app(f"sqlite:///{folder / 'desk.sqlite3'}", folder)


def _on_postgres(server: Postgres, folder: Path) -> Flask:
    return make_app(server.clone("template_desk"), folder)


def _running(app: Flask) -> Iterator[Flask]:
    yield app
    with app.app_context():
        db.session.remove()
        db.engine.dispose()


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """One browser for all tests that drive one: the library allows one of its loops in a thread."""
    with browser() as opened:
        yield opened

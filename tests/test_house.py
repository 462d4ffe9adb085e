"""The house tests itself: its rules are facts of the code (docs/architecture.md)."""

import ast
import itertools
import statistics
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import inspect

from desk import settings
from desk.cli import main
from incidents import migrations
from incidents.db import Base, db
from incidents.permissions import RIGHTS
from incidents.vocabulary import MOVES, Role, Status

ROOT = Path(__file__).parent.parent
PACKAGES = ("desk", "bots", "incidents", "playbooks")
FORBIDDEN_NAMES = {"utils", "helpers", "common", "core", "misc", "manager", "service", "base", "data"}


def modules(*packages: str) -> Iterator[Path]:
    for package in packages or PACKAGES:
        for path in sorted((ROOT / package).rglob("*.py")):
            if "versions" not in path.parts:
                yield path


def imports(path: Path) -> set[str]:
    """Every module named in an import anywhere in the file, lazy ones too."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return found


def functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


@pytest.mark.parametrize(("left", "right"), list(itertools.combinations(PACKAGES, 2)))
def test_imports_point_right(left: str, right: str) -> None:
    wrong = [p.name for p in modules(right) if any(name.split(".")[0] == left for name in imports(p))]
    assert not wrong, f"{right} imports {left}"


@pytest.mark.parametrize("path", list(modules()), ids=lambda p: str(p.relative_to(ROOT)))
def test_a_file_has_at_most_300_lines_and_a_plain_name(path: Path) -> None:
    assert len(path.read_text("utf-8").splitlines()) <= 300
    assert path.stem not in FORBIDDEN_NAMES


def test_functions_have_at_most_40_lines_and_are_short_as_a_rule() -> None:
    lengths = {f"{p}:{f.name}": f.end_lineno - f.lineno + 1 for p in modules() for f in functions(p) if f.end_lineno}
    assert not {name: n for name, n in lengths.items() if n > 40}
    assert statistics.median(lengths.values()) <= 10


def test_the_house_commits_in_one_place() -> None:
    places = [str(p.relative_to(ROOT)) for p in modules() for _ in range(p.read_text("utf-8").count(".commit("))]
    assert places == ["incidents/db.py"]


def test_only_bots_know_telegram() -> None:
    knowing = {
        p.relative_to(ROOT).parts[0] for p in modules() if any(n.split(".")[0] == "telegram" for n in imports(p))
    }
    assert knowing == {"bots"}


def test_only_the_desk_reads_the_request() -> None:
    request_names = {"flask.request", "flask_login.current_user", "flask.session", "flask.g"}
    knowing = {p.relative_to(ROOT).parts[0] for p in modules() if imports(p) & request_names}
    assert knowing == {"desk"}


def test_playbooks_know_no_database_and_no_web() -> None:
    assert not [p for p in modules("playbooks") if {n.split(".")[0] for n in imports(p)} & {"sqlalchemy", "flask"}]


def test_every_route_has_a_policy(sqlite_app: Flask) -> None:
    from desk.guard import unguarded

    assert unguarded(sqlite_app) == []
    assert len(list(sqlite_app.url_map.iter_rules())) > 30


def test_every_policy_names_a_right_that_exists(sqlite_app: Flask) -> None:
    policies = {getattr(view, "policy", None) for view in sqlite_app.view_functions.values()} - {None}
    assert policies <= {"public", "signed_in", *RIGHTS}


@pytest.mark.parametrize("name", [name for name, _, _ in settings.described()])
def test_every_setting_is_documented(name: str) -> None:
    assert f"`{name}`" in (ROOT / "docs/operations.md").read_text("utf-8")


def commands() -> list[str]:
    """Every command as it is typed, "incident log"."""
    return [
        f"{name} {sub}" if sub else name
        for name, command in main.commands.items()
        for sub in (getattr(command, "commands", None) or [""])
    ]


@pytest.mark.parametrize("command", commands())
def test_every_command_is_documented(command: str) -> None:
    assert f"desk {command}" in (ROOT / "docs/operations.md").read_text("utf-8")


def test_every_status_is_reached_by_an_allowed_move() -> None:
    reached, edge = {Status.new}, [Status.new]
    while edge:
        fresh = set(MOVES[edge.pop()]) - reached
        reached |= fresh
        edge += fresh
    assert reached == set(Status)


def test_the_permission_table_names_every_role() -> None:
    assert all(set(cells) == set(Role) for cells in RIGHTS.values())


def test_migrations_from_empty_equal_the_models(desk: Flask) -> None:
    """One head, and the same tables and columns as the classes say, on both databases."""
    assert migrations.current() == migrations.head()
    found = inspect(db.engine)
    tables = {t for t in found.get_table_names() if not t.startswith(("incident_words", "alembic"))}
    assert tables == set(Base.metadata.tables)
    for name, table in Base.metadata.tables.items():
        columns = {c["name"]: c["nullable"] for c in found.get_columns(name)}
        assert columns == {c.name: bool(c.nullable) for c in table.columns}, name


def test_the_first_migration_goes_down_and_up_again(desk: Flask) -> None:
    migrations.downgrade("base")
    assert migrations.current() is None
    migrations.upgrade()
    assert migrations.current() == migrations.head()

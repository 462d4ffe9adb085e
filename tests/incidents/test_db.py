"""transaction(): one commit, all or nothing, and no update lost between processes."""

import multiprocessing
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

from incidents.cases.models import CodeCounter
from incidents.db import db, is_writing, transaction
from incidents.errors import PendingChanges
from tests.conftest import make_app


def test_a_verb_inside_a_verb_is_one_commit(desk: Flask) -> None:
    with transaction():
        db.session.add(CodeCounter(key="outer", last=1))
        with transaction():
            db.session.add(CodeCounter(key="inner", last=1))
        assert is_writing()
    assert not is_writing()
    assert set(db.session.scalars(select(CodeCounter.key))) == {"outer", "inner"}


def test_an_exception_anywhere_undoes_all(desk: Flask) -> None:
    def fail_inside() -> None:
        with transaction():
            db.session.add(CodeCounter(key="outer", last=1))
            with transaction():
                db.session.add(CodeCounter(key="inner", last=1))
            raise RuntimeError("after the inner one")

    with pytest.raises(RuntimeError):
        fail_inside()
    assert db.session.scalars(select(CodeCounter.key)).all() == []
    assert not is_writing()


def test_changes_left_open_are_refused(desk: Flask) -> None:
    db.session.add(CodeCounter(key="left", last=1))
    with pytest.raises(PendingChanges), transaction():
        pass
    db.session.rollback()


def test_an_open_read_is_ended_before_the_write_begins(desk: Flask) -> None:
    """Left open, it would turn BEGIN IMMEDIATE into an upgrade that fails when somebody else has written."""
    db.session.scalars(select(CodeCounter)).all()
    assert db.session().in_transaction()
    with transaction():
        db.session.add(CodeCounter(key="after a read", last=1))
    assert db.session.scalar(select(CodeCounter.last)) == 1


def _count_up(url: str, folder: Path, times: int) -> None:
    app = make_app(url, folder)
    with app.app_context():
        for _ in range(times):
            with transaction():
                row = db.session.get(CodeCounter, "shared", with_for_update=True)
                assert row is not None
                row.last += 1
        db.session.remove()


def test_four_processes_lose_no_update(desk: Flask, tmp_path: Path) -> None:
    """Read, add one, write: SQLAlchemy's default BEGIN on SQLite loses about a quarter of these (promises F1)."""
    with transaction():
        db.session.add(CodeCounter(key="shared", last=0))
    url = desk.config["SQLALCHEMY_DATABASE_URI"]
    start = multiprocessing.get_context("spawn")
    processes = [start.Process(target=_count_up, args=(url, tmp_path, 50)) for _ in range(4)]
    for process in processes:
        process.start()
    for process in processes:
        process.join(60)
    assert [process.exitcode for process in processes] == [0, 0, 0, 0]
    db.session.rollback()
    assert db.session.scalar(select(CodeCounter.last).where(CodeCounter.key == "shared")) == 200

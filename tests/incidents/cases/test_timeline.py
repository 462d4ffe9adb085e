"""The chain: what was written verifies, whatever is done to it behind the desk's back is found."""

import hashlib
from io import BytesIO

import pytest
from flask import Flask
from PIL import Image
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from incidents.cases import intake, notes, timeline
from incidents.db import db
from tests import cast


@pytest.fixture
def code(desk: Flask) -> str:
    incident = intake.log(cast.actor("an"), "Tin vỡ đập", 2, place="xã Bảo Nhai")
    for words in ("một", "hai", "ba"):
        notes.note(cast.actor("an"), incident.code, words)
    return incident.code


def tamper(statement: str, **values: object) -> None:
    """Change the tables as somebody with the database's password could, triggers and all."""
    postgres = db.engine.dialect.name == "postgresql"
    db.session.rollback()
    with db.engine.begin() as connection:
        if postgres:
            connection.execute(text("ALTER TABLE entries DISABLE TRIGGER USER"))
        else:
            connection.execute(text("DROP TRIGGER entries_no_update"))
            connection.execute(text("DROP TRIGGER entries_no_delete"))
        connection.execute(text(statement), values)


def test_an_untouched_timeline_verifies(code: str) -> None:
    read, faults = timeline.verify()
    assert read >= 5
    assert faults == []
    assert timeline.verify(code) == (read, [])


@pytest.mark.parametrize(
    ("statement", "what"),
    [
        ("UPDATE entries SET text = 'khác' WHERE text = 'hai'", "sửa"),
        ("UPDATE entries SET actor_name = 'ai đó' WHERE text = 'hai'", "sửa"),
        ("DELETE FROM entries WHERE text = 'hai'", "thiếu"),
        ("DELETE FROM entries WHERE text = 'ba'", "cắt"),
        ("UPDATE incidents SET head_hash = ''", "cắt"),
        ("UPDATE entries SET number = number + 10 WHERE text = 'ba'", "thiếu"),
    ],
)
def test_tampering_is_found_and_named(code: str, statement: str, what: str) -> None:
    tamper(statement)
    _, faults = timeline.verify()
    assert [fault.code for fault in faults] == [code]
    assert what in faults[0].what


def test_the_chain_holds_the_hashes_of_pictures_too(code: str) -> None:
    out = BytesIO()
    Image.new("RGB", (40, 30), "navy").save(out, "PNG")
    entry = notes.note(cast.actor("an"), code, "ảnh hiện trường", pictures=[("dap.png", out.getvalue())])
    assert entry.facts["files"] == [row.file.sha256 for row in entry.files]
    assert entry.facts["files"] == [hashlib.sha256(out.getvalue()).hexdigest()]
    assert timeline.verify(code)[1] == []


def test_an_incident_taken_out_leaves_a_gap(code: str) -> None:
    tamper("DELETE FROM entries")
    with db.engine.begin() as connection:
        for table in ("alerts", "escalations", "clocks", "steps", "assignments", "incidents"):
            connection.execute(text(f"DELETE FROM {table}"))
    _, faults = timeline.verify()
    assert [fault.code for fault in faults] == [code]


@pytest.mark.parametrize("statement", ["UPDATE entries SET text = 'x'", "DELETE FROM entries"])
def test_the_database_itself_refuses_changes(code: str, statement: str) -> None:
    db.session.rollback()
    with pytest.raises(DBAPIError, match="append-only"), db.engine.begin() as connection:
        connection.execute(text(statement))


def test_another_key_does_not_verify(desk: Flask, code: str) -> None:
    desk.config["TIMELINE_KEY"] = b"x" * 32
    _, faults = timeline.verify()
    assert faults[0].number == 1

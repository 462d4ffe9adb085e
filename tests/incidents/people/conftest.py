"""An empty desk on a temporary SQLite file, with one agency and the three members the tests of people need."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from flask import Flask

from incidents.db import db, transaction
from incidents.people import members
from incidents.people.models import Agency, AgencyFunction
from incidents.permissions import Actor
from incidents.vocabulary import Source

PASSWORD = "ba con trâu gặm cỏ"


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Flask]:
    """The database and its settings only: no web."""
    app = Flask("people")
    app.config.update(
        SECRET_KEY="a secret key for tests, long enough to be one",
        REHEARSAL=False,
        PASSWORD_COST=(8, 1, 1),
        SQLALCHEMY_DATABASE_URI=f"sqlite:///{tmp_path / 'desk.sqlite3'}",
    )
    db.init_app(app)
    with app.app_context():
        db.create_all()
        with transaction():
            for code, kind in (("so_vhttdl", "department"), ("xa_bao_nhai", "commune"), ("ca_tinh", "police")):
                db.session.add(Agency(code=code, name=code, type=kind, valid_from=date(2020, 1, 1)))
            db.session.add(AgencyFunction(function="standing_agency", agency_id=1, valid_from=date(2025, 3, 1)))
        for username, agency, role in (
            ("an", "so_vhttdl", "duty"),
            ("giang", "xa_bao_nhai", "contact"),
            ("chi", "so_vhttdl", "admin"),
        ):
            members.add(members.OPERATOR, username, username.title() * 2, agency, [role], PASSWORD)
        yield app
        db.session.remove()
        db.engine.dispose()


def actor(username: str) -> Actor:
    return members.actor_of(members.by_username(username), Source.web)

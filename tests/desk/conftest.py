"""A desk on its own temporary database, three members, and the few steps a browser takes."""

import re
from collections.abc import Iterator
from datetime import date
from html import unescape
from pathlib import Path

import pytest
from flask import Blueprint, Flask, request
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from desk import create_app, settings
from desk.guard import policy
from incidents.db import db, transaction
from incidents.people import members
from incidents.people.models import Agency

PASSWORD = "ba con trâu gặm cỏ"


@pytest.fixture
def app(tmp_path: Path) -> Iterator[Flask]:
    """An empty desk with one agency, and a form of our own at /typing that any signed-in member may send."""
    app = create_app(settings.read({"DESK_DATA_DIR": str(tmp_path), "DESK_BASE_URL": "http://localhost"}))
    app.config.update(TESTING=True, PASSWORD_COST=(8, 1, 1))
    app.register_blueprint(_typing())
    with app.app_context():
        db.create_all()
        with transaction():
            agency = Agency(code="so_vhttdl", name="Sở Văn hóa, Thể thao và Du lịch", type="department")
            agency.valid_from = date(2020, 1, 1)
            db.session.add(agency)
    yield app
    with app.app_context():
        db.engine.dispose()


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.fixture
def an(app: Flask) -> str:
    """The account of An, on duty: no second factor is asked of that role."""
    return _add(app, "an", "Nguyễn Thị An", "duty")


@pytest.fixture
def chi(app: Flask) -> str:
    """The account of Chi, administrator: outside the rehearsal the role demands a second factor."""
    return _add(app, "chi", "Lý Thị Chi", "admin")


def token_of(client: FlaskClient, address: str = "/login") -> str:
    """The CSRF token of a page, as its forms would send it."""
    found = re.search(r'name="csrf-token" content="([^"]+)"', client.get(address).text)
    assert found, f"no form on {address}"
    return found.group(1)


def sign_in(client: FlaskClient, username: str, password: str = PASSWORD, **more: str) -> TestResponse:
    """Both fields of the first step, from the page that was opened before."""
    fields = {"username": username, "password": password, "csrf_token": token_of(client), **more}
    return client.post("/login", data=fields)


def hidden_of(page: str) -> dict[str, str]:
    """The hidden fields of the page's own form, as a browser would send them back."""
    main = page[page.index("<main") : page.index("</main>")]
    return {
        unescape(name): unescape(value)
        for name, value in re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', main)
    }


def _add(app: Flask, username: str, name: str, *roles: str) -> str:
    with app.app_context():
        members.add(members.OPERATOR, username, name, "so_vhttdl", roles, PASSWORD)
    return username


def _typing() -> Blueprint:
    bp = Blueprint("typing", __name__)

    @bp.route("/typing", methods=["GET", "POST"])
    @policy("signed_in")
    def typing() -> str:
        return request.form.get("what", "")

    @bp.post("/typing/<int:number>/note")
    @policy("signed_in")
    def note(number: int) -> str:
        return f"{number}"

    @bp.get("/fails")
    @policy("public")
    def fails() -> str:
        raise RuntimeError("on purpose")

    return bp

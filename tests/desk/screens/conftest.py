"""Browsers of the cast on a desk with real schema, agencies and playbooks, and a way to count what a page asks."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from io import BytesIO
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from PIL import Image
from sqlalchemy import event, func, select, update
from werkzeug.test import TestResponse

from incidents.cases import intake
from incidents.cases.models import Assignment, Entry, Incident, QuickReport
from incidents.db import db, transaction, utc_now
from incidents.people import members, sessions
from incidents.people.models import Member
from incidents.telling.models import Alert
from tests import cast

MORE = (("nga", "analyst", "so_vhttdl"), ("khoa", "spokesperson", "ubnd_tinh"), ("hung", "verifier", "bch_ptds"))


class Browser:
    """One signed-in member: ``get`` a page, ``send`` a form with the token its page would have given."""

    def __init__(self, client: FlaskClient) -> None:
        self._client = client
        self._token = ""

    def get(self, address: str, **headers: str) -> TestResponse:
        answer = self._client.get(address, headers={name.replace("_", "-"): value for name, value in headers.items()})
        answer.get_data()
        answer.close()
        return answer

    def send(self, address: str, *, referrer: str = "", **fields: Any) -> TestResponse:
        if not self._token:
            found = re.search(r'name="csrf-token" content="([^"]+)"', self.get("/members/me").text)
            assert found
            self._token = found.group(1)
        headers = {"Referer": f"http://localhost{referrer}"} if referrer else {}
        return self._client.post(address, data={"csrf_token": self._token, **fields}, headers=headers)

    def send_large(self, address: str, megabytes: int) -> TestResponse:
        """A form that says it is so large; the server must not need to read it to say no."""
        said = {"CONTENT_LENGTH": str(megabytes * 1024 * 1024)}
        return self._client.post(
            address, data=b"", content_type="multipart/form-data; boundary=x", environ_overrides=said
        )

    def follow(self, response: TestResponse) -> TestResponse:
        assert response.status_code == 303, response.text[:2000]
        return self.get(response.location)


@pytest.fixture
def app(sqlite_app: Flask) -> Flask:
    """Everybody has a second factor, so that it is not asked for here."""
    with sqlite_app.app_context():
        for username, role, agency in MORE:
            members.add(members.OPERATOR, username, f"Người {username}", agency, [role], cast.PASSWORD)
        with transaction():
            db.session.execute(update(Member).values(totp_confirmed_at=utc_now()))
    return sqlite_app


@pytest.fixture
def browser(app: Flask) -> Callable[..., Browser]:
    """The browser of a member, by account; ``lang`` changes what the member reads."""

    def opened(username: str, lang: str = "vi") -> Browser:
        with app.app_context():
            member = members.by_username(username)
            token = sessions.start(member, "127.0.0.1", "test", second_factor=True)
            if lang != "vi":
                members.set_preferences(cast.actor(username), lang=lang)
        client = app.test_client()
        with client.session_transaction() as kept:
            kept.update(_user_id=token, _fresh=True)
        return Browser(client)

    return opened


@pytest.fixture
def log(app: Flask) -> Callable[..., str]:
    """Log an incident as An (or ``by``); returns its code."""

    def logged(what: str = "Có tin vỡ đập, dân hoang mang", severity: int = 2, by: str = "an", **more: Any) -> str:
        with app.app_context():
            return intake.log(cast.actor(by), what, severity, **more).code

    return logged


@pytest.fixture
def written(app: Flask) -> Callable[[], tuple[int, ...]]:
    """How many incidents, entries, assignments, alerts and quick reports there are: the same after a refusal."""

    def count() -> tuple[int, ...]:
        with app.app_context():
            tables = (Incident, Entry, Assignment, Alert, QuickReport)
            return tuple(db.session.scalar(select(func.count()).select_from(t)) or 0 for t in tables)

    return count


@pytest.fixture
def statements(app: Flask) -> Callable[[], Any]:
    """``with statements() as seen:`` collects the SQL that is executed."""

    @contextmanager
    def collecting() -> Iterator[list[str]]:
        seen: list[str] = []

        def note(conn: Any, cursor: Any, statement: str, *rest: Any) -> None:
            if not statement.startswith(("BEGIN", "PRAGMA")):
                seen.append(statement)

        with app.app_context():
            engine = db.engine
        event.listen(engine, "before_cursor_execute", note)
        yield seen
        event.remove(engine, "before_cursor_execute", note)

    return collecting


def picture(colour: str = "red", kind: str = "PNG") -> BytesIO:
    """A small real picture."""
    out = BytesIO()
    Image.new("RGB", (12, 8), colour).save(out, kind)
    out.seek(0)
    return out


def main_of(page: str) -> str:
    """What stands between the frame's bars."""
    return page[page.index("<main") : page.index("</main>")]

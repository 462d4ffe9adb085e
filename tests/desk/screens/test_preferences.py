"""Language, theme, drafts, pictures, and the pages that say why not."""

from collections.abc import Callable
from html import unescape

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.exc import OperationalError

from incidents.cases.models import Draft
from incidents.db import db
from incidents.files import StoredFile, path_of
from incidents.people import members
from tests.desk.screens.conftest import Browser, main_of, picture

Open = Callable[..., Browser]
Log = Callable[..., str]


def test_a_member_keeps_language_and_theme_and_comes_back_to_the_page(browser: Open, app: Flask) -> None:
    an = browser("an")
    assert an.send("/preferences", theme="dark", next="/incidents?due=late").location == "/incidents?due=late"
    assert 'data-bs-theme="dark"' in an.get("/incidents").text
    an.send("/preferences", lang="en", next="/")
    assert '<html lang="en"' in an.get("/incidents").text
    with app.app_context():
        assert members.by_username("an").theme == "dark"


@pytest.mark.parametrize(
    "address", ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)", ""]
)
def test_a_preference_never_leads_away(browser: Open, address: str) -> None:
    assert browser("an").send("/preferences", theme="dark", next=address).location == "/"


def test_a_visitor_of_the_sign_in_page_keeps_the_language_in_a_cookie(app: Flask) -> None:
    client = app.test_client()
    token = client.get("/login").text.split('csrf-token" content="')[1].split('"')[0]
    done = client.post("/preferences", data={"csrf_token": token, "lang": "en", "next": "/login"})
    assert done.location == "/login"
    assert "HttpOnly" in done.headers["Set-Cookie"]
    assert '<html lang="en"' in client.get("/login").text


@pytest.mark.parametrize("fields", [{"lang": "fr"}, {"theme": "pink"}])
def test_a_preference_nobody_offers_is_refused(browser: Open, fields: dict[str, str]) -> None:
    assert browser("an").send("/preferences", **fields).status_code == 400


def test_a_draft_is_kept_without_token_and_passwords_under_the_address_of_its_form(browser: Open, app: Flask) -> None:
    answer = browser("an").send("/drafts/incidents/new", what="Đang gõ", severity=["1", "2"], password="x")
    assert (answer.status_code, answer.data) == (204, b"")
    with app.app_context():
        draft = db.session.scalars(select(Draft)).one()
        assert (draft.key, draft.fields) == ("/incidents/new", {"what": "Đang gõ", "severity": ["1", "2"]})


@pytest.mark.parametrize(
    ("form", "status"), [("nope", 404), ("incidents", 404), ("login", 204), ("incidents/SK-2026-0001/note", 204)]
)
def test_only_forms_of_the_desk_have_drafts(browser: Open, form: str, status: int) -> None:
    assert browser("an").send(f"/drafts/{form}", text="x").status_code == status


def test_a_draft_has_its_limits(browser: Open) -> None:
    assert browser("an").send("/drafts/incidents/new", what="x" * 400_001).status_code == 413
    assert browser("an").send("/drafts/incidents/new", **{f"f{n}": "x" for n in range(70)}).status_code == 413


def test_nobody_signed_in_has_no_draft(app: Flask) -> None:
    assert app.test_client().post("/drafts/incidents/new", data={"what": "x"}).status_code in (400, 401)


def test_a_picture_is_shown_as_our_own_copy_in_a_sandbox(browser: Open, log: Log, app: Flask) -> None:
    log(pictures=[("đập.png", picture().read())])
    with app.app_context():
        sha = db.session.scalar(select(StoredFile.sha256))
        original = path_of(sha).read_bytes()
    answer = browser("an").get(f"/files/{sha}")
    assert answer.status_code == 200
    assert answer.mimetype == "image/jpeg"
    assert answer.data[:2] == b"\xff\xd8"
    assert answer.data != original
    assert answer.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert answer.headers["Content-Disposition"].startswith("inline; filename=")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize("name", ["0" * 64, "..%2f..%2fsecret.key", "A" * 64, "x", "0" * 63])
def test_no_other_file_is_given_out(browser: Open, name: str) -> None:
    assert browser("an").get(f"/files/{name}").status_code == 404


def test_a_picture_of_another_agencys_report_is_not_found(browser: Open, app: Flask) -> None:
    browser("giang").send("/incidents/new", what="Đập", photos=[(picture("green"), "a.png")])
    with app.app_context():
        sha = db.session.scalar(select(StoredFile.sha256))
    assert browser("giang").get(f"/files/{sha}").status_code == 200
    assert browser("an").get(f"/files/{sha}").status_code == 200
    assert browser("pao").get(f"/files/{sha}").status_code == 404


def test_not_found_names_two_ways_on(browser: Open) -> None:
    page = browser("an").get("/nope")
    assert page.status_code == 404
    for words in ("Không tìm thấy, hoặc không có quyền xem.", "Về bảng trực", "Tìm kiếm"):
        assert words in main_of(page.text)


def test_a_busy_database_keeps_what_was_posted(browser: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    from incidents.cases import intake

    def locked(*args: object, **more: object) -> None:
        raise OperationalError("INSERT", {}, Exception("database is locked"))

    an = browser("an")
    an.get("/incidents/new")
    monkeypatch.setattr(intake, "log", locked)
    page = an.send("/incidents/new", what='Có tin "vỡ" đập', severity="2", nonce="n7")
    assert page.status_code == 503
    shown = unescape(main_of(page.text))
    assert "Cơ sở dữ liệu đang bận." in shown
    assert '<input type="hidden" name="what" value="Có tin "vỡ" đập">' in shown
    assert '<input type="hidden" name="nonce" value="n7">' in shown
    assert "Gửi lại" in shown
    monkeypatch.undo()
    assert an.send("/incidents/new", what='Có tin "vỡ" đập', severity="2", nonce="n7").status_code == 303


def test_a_stamped_text_is_not_kept_by_way_of_a_refused_form_either(browser: Open, log: Log, app: Flask) -> None:
    """The auditor may not write at all; what was typed is still a text with a stamp."""
    page = browser("lan").send(f"/incidents/{log()}/note", text="TỐI MẬT\nKế hoạch")
    assert page.status_code == 400
    with app.app_context():
        assert db.session.scalars(select(Draft)).all() == []

"""The guard: no view without a policy, nobody past it, nothing typed lost, headers on every answer."""

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient

from desk import drafts, guard
from desk.pending import LONGEST
from incidents.people import members
from tests.desk.conftest import PASSWORD, hidden_of, sign_in, token_of
from tests.desk.test_login import with_second_factor

TYPED = {"what": "Dân báo nước dâng\nở suối “Mận” & đập < 2 m", "kinds": ["a", "b"]}


@pytest.mark.promise("S9")
def test_a_view_without_a_policy_stops_the_desk(
    app: Flask, client: FlaskClient, caplog: pytest.LogCaptureFixture
) -> None:
    app.add_url_rule("/forgotten", "forgotten", lambda: "open to all")
    assert guard.unguarded(app) == ["forgotten"]
    for address in ("/login", "/forgotten"):
        assert client.get(address).status_code == 500
    assert "views without a policy: forgotten" in caplog.text


def test_a_policy_must_be_one_of_the_rights() -> None:
    with pytest.raises(ValueError, match="no such policy"):
        guard.policy("manage_membres")


def test_an_unknown_address_is_simply_not_found(client: FlaskClient) -> None:
    assert client.get("/nowhere").status_code == 404
    assert client.put("/login").status_code == 405


@pytest.mark.promise("S9")
def test_a_member_without_the_right_is_told_who_has_it(client: FlaskClient, an: str) -> None:
    sign_in(client, an)
    answer = client.get("/members")
    assert answer.status_code == 403
    assert "Quản trị" in answer.text


@pytest.mark.promise("C1")
@pytest.mark.parametrize("asks_code", [False, True])
def test_what_was_typed_survives_an_ended_session(app: Flask, client: FlaskClient, an: str, *, asks_code: bool) -> None:
    with time_machine.travel("2027-03-02 08:00 +0700", tick=False) as clock:
        totp = with_second_factor(app, an) if asks_code else None
        answer = client.post("/typing", data=TYPED | {"csrf_token": "of the ended session"})
        assert answer.status_code == 401
        assert "chữ đã nhập vẫn còn" in answer.text
        wrong = client.post("/login", data={**hidden_of(answer.text), "username": an, "password": "chưa đúng đâu"})
        step = client.post("/login", data={**hidden_of(wrong.text), "username": an, "password": PASSWORD})
        if totp:
            clock.shift(60)
            step = client.post("/login", data={**hidden_of(step.text), "code": totp.now()})
        assert step.location == "/typing?draft=1"
    with app.app_context():
        draft = drafts.read(members.by_username(an).id, "/typing")
        assert draft is not None
        assert draft.fields == {"what": TYPED["what"], "kinds": ["a", "b"]}


@pytest.mark.promise("C1")
def test_a_form_that_stands_on_another_page_leads_back_to_that_page(client: FlaskClient, an: str) -> None:
    answer = client.post("/typing/7/note", data={"text": "x"}, headers={"Referer": "http://localhost/typing?tab=2"})
    done = client.post("/login", data={**hidden_of(answer.text), "username": an, "password": PASSWORD})
    assert done.location == "/typing?tab=2&draft=1"


def test_a_password_is_never_carried_through_the_sign_in_page(client: FlaskClient) -> None:
    fields = {"old": "bí mật thứ nhất", "password": "bí mật thứ hai", "code": "314159", "csrf_token": "bí mật thứ ba"}
    page = client.post("/members/me/password", data=fields).text
    assert not [value for value in fields.values() if value in page]


@pytest.mark.parametrize("fields", ["[]", "{", '{"a": {"b": 1}}', '{"a": 1}', "x" * (LONGEST + 1), "[" * 5000])
def test_a_forged_pending_form_is_ignored(client: FlaskClient, an: str, fields: str) -> None:
    forged = {"pending_path": "/typing", "pending_page": "/typing", "pending_fields": fields}
    assert sign_in(client, an, **forged).location == "/"


def test_a_page_of_an_earlier_session_keeps_its_text_as_a_draft(app: Flask, client: FlaskClient, an: str) -> None:
    sign_in(client, an)
    stale = {**TYPED, "csrf_token": "of an earlier session"}
    answer = client.post("/typing", data=stale, headers={"Sec-Fetch-Site": "same-origin"})
    assert answer.location == "/typing?draft=1"
    with app.app_context():
        draft = drafts.read(members.by_username(an).id, "/typing")
        assert draft is not None
        assert draft.fields["what"] == TYPED["what"]


@pytest.mark.promise("S7")
@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "same-site"}, 403),
        ({"Origin": "https://evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Sec-Fetch-Site": "same-origin"}, 200),
        ({"Origin": "http://localhost"}, 200),
        ({}, 200),
    ],
)
def test_a_form_from_another_site_is_refused_even_with_a_token(
    client: FlaskClient, an: str, headers: dict[str, str], status: int
) -> None:
    sign_in(client, an)
    fields = {"what": "x", "csrf_token": token_of(client, "/members/me")}
    assert client.post("/typing", data=fields, headers=headers).status_code == status


@pytest.mark.promise("S7")
@pytest.mark.parametrize("token", [None, "", "wrong"])
def test_a_form_without_its_token_is_refused(client: FlaskClient, an: str, token: str | None) -> None:
    sign_in(client, an)
    assert (
        client.post("/typing", data={"what": "x"} | ({} if token is None else {"csrf_token": token})).status_code == 400
    )


def test_a_sign_in_page_left_open_too_long_is_shown_again_with_what_it_carried(client: FlaskClient) -> None:
    carried = hidden_of(client.post("/typing", data=TYPED).text) | {"csrf_token": "old"}
    answer = client.post("/login", data=carried | {"username": "an", "password": "x"})
    assert answer.status_code == 401
    assert hidden_of(answer.text)["pending_fields"] == carried["pending_fields"]


@pytest.mark.promise("S8")
@pytest.mark.parametrize(
    ("method", "address", "status"),
    [
        ("get", "/login", 200),
        ("get", "/typing", 302),
        ("post", "/typing", 401),
        ("get", "/nowhere", 404),
        ("put", "/login", 405),
        ("get", "/fails", 500),
        ("get", "/static/desk.css", 200),
        ("get", "/static/none.css", 404),
    ],
)
def test_every_answer_carries_the_headers(app: Flask, method: str, address: str, status: int) -> None:
    app.config.update(TESTING=False, PROPAGATE_EXCEPTIONS=False)
    answer = getattr(app.test_client(), method)(address)
    assert answer.status_code == status
    for name, value in guard.HEADERS.items():
        assert answer.headers[name] == value
    assert "unsafe" not in answer.headers["Content-Security-Policy"]
    assert "on purpose" not in answer.text
    answer.close()


@pytest.mark.promise("S8")
def test_pages_are_not_stored_and_static_files_are(client: FlaskClient, an: str) -> None:
    sign_in(client, an)
    assert client.get("/members/me").headers["Cache-Control"] == "no-store"
    static = client.get("/static/desk.css?v=1")
    assert "immutable" in static.headers["Cache-Control"]
    assert "Set-Cookie" not in static.headers
    static.close()


@pytest.mark.promise("S8")
def test_over_https_the_cookie_is_bound_to_the_host_and_transport_is_strict(tmp_path) -> None:  # type: ignore[no-untyped-def]
    from desk import create_app, settings

    app = create_app(settings.read({"DESK_DATA_DIR": str(tmp_path), "DESK_BASE_URL": "https://desk.example"}))
    answer = app.test_client().get("/login", base_url="https://desk.example")
    cookie = answer.headers["Set-Cookie"]
    assert cookie.startswith("__Host-desk=")
    assert all(part in cookie for part in ("Secure", "HttpOnly", "SameSite=Lax", "Path=/"))
    assert answer.headers["Strict-Transport-Security"] == "max-age=31536000; includeSubDomains"


@pytest.mark.promise("S8")
@pytest.mark.parametrize("address", ["/login", "/members/me", "/members"])
def test_no_page_holds_styles_or_scripts_of_its_own(app: Flask, client: FlaskClient, chi: str, address: str) -> None:
    app.config["REHEARSAL"] = True
    sign_in(client, chi)
    page = client.get(address, follow_redirects=True).text
    assert " style=" not in page
    assert "<style" not in page
    assert " onclick=" not in page
    assert "<script>" not in page

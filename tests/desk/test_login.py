"""Signing in by the browser: one answer for every failure, new sessions, the second step, the rehearsal's link."""

import pyotp
import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from incidents.db import db, transaction
from incidents.people import members, second_factor, sessions
from incidents.people.models import Member, Session
from incidents.vocabulary import Source
from tests.desk.conftest import PASSWORD, hidden_of, sign_in, token_of


def cookie(client: FlaskClient, name: str = "_user_id") -> str | None:
    with client.session_transaction() as held:
        return held.get(name)


def with_second_factor(app: Flask, username: str) -> pyotp.TOTP:
    with app.app_context():
        actor = members.actor_of(members.by_username(username), Source.web)
        secret, _uri = second_factor.begin(actor)
        totp = pyotp.TOTP(secret)
        second_factor.confirm(actor, totp.now())
    return totp


@pytest.mark.promise("S4")
def test_a_wrong_password_and_an_unknown_account_read_the_same(client: FlaskClient, an: str) -> None:
    wrong, unknown = sign_in(client, an, "sai mật khẩu rồi"), sign_in(client, "khongco", PASSWORD)
    assert wrong.status_code == unknown.status_code == 401
    sentence = "Tài khoản hoặc mật khẩu chưa đúng"
    assert sentence in wrong.text
    assert sentence in unknown.text


def test_a_member_signs_in_and_lands_on_the_page_asked_for(client: FlaskClient, an: str) -> None:
    asked = client.get("/typing?tab=2")
    assert asked.location == "/login?next=/typing?tab%3D2"
    answer = sign_in(client, an, next="/typing?tab=2")
    assert (answer.status_code, answer.location) == (303, "/typing?tab=2")
    assert client.get("/typing").status_code == 200


@pytest.mark.parametrize(
    "elsewhere", ["https://evil.example/", "//evil.example", "/\\evil.example", "evil", "/\tx", "/logout"]
)
def test_signing_in_never_leads_to_another_site(client: FlaskClient, an: str, elsewhere: str) -> None:
    assert sign_in(client, an, next=elsewhere).location == "/"


@pytest.mark.promise("S5")
def test_signing_in_gives_a_new_session_and_ends_the_one_before(client: FlaskClient, an: str) -> None:
    sign_in(client, an)
    first = cookie(client)
    sign_in_again = client.post(
        "/login", data={"username": an, "password": PASSWORD, "csrf_token": token_of(client, "/members/me")}
    )
    assert sign_in_again.status_code == 303
    second = cookie(client)
    assert first
    assert second
    assert first != second
    with client.session_transaction() as held:
        held["_user_id"] = first
    assert client.get("/typing").status_code == 302, "the old token is dead"


@pytest.mark.promise("S5")
def test_what_an_attacker_put_into_the_cookie_is_gone_after_signing_in(client: FlaskClient, an: str) -> None:
    with client.session_transaction() as held:
        held["planted"] = "x"
    sign_in(client, an)
    assert cookie(client, "planted") is None


@pytest.mark.promise("S5")
def test_the_database_holds_no_token(app: Flask, client: FlaskClient, an: str) -> None:
    sign_in(client, an)
    with app.app_context():
        row = db.session.scalars(select(Session)).one()
        assert cookie(client) not in (row.token_hash, row.browser, row.network_address)


@pytest.mark.promise("S5")
def test_a_disabled_member_is_out_at_the_next_request(app: Flask, client: FlaskClient, an: str) -> None:
    sign_in(client, an)
    assert client.get("/typing").status_code == 200
    with app.app_context():
        members.disable(members.OPERATOR, an)
    assert client.get("/typing").status_code == 302
    assert "chưa đúng" in sign_in(client, an).text


@pytest.mark.promise("S5")
def test_an_idle_session_ends_and_polling_does_not_keep_it(client: FlaskClient, an: str) -> None:
    with time_machine.travel("2027-03-02 08:00 +0700", tick=False) as clock:
        sign_in(client, an)
        for _ in range(7):
            clock.shift(240)
            assert client.get("/typing", headers={"X-Live": "1"}).status_code == 200
        clock.shift(180)
        assert client.get("/typing", headers={"X-Live": "1"}).status_code == 302


@pytest.mark.promise("S5")
def test_work_keeps_a_session_but_never_beyond_twelve_hours(client: FlaskClient, an: str) -> None:
    with time_machine.travel("2027-03-02 08:00 +0700", tick=False) as clock:
        sign_in(client, an)
        for _ in range(28):
            clock.shift(25 * 60)
            assert client.get("/typing").status_code == 200
        clock.shift(25 * 60)
        assert client.get("/typing").status_code == 302


@pytest.mark.promise("S2")
def test_the_second_step_asks_for_a_code_and_renews_the_session(app: Flask, client: FlaskClient, an: str) -> None:
    with time_machine.travel("2027-03-02 08:00 +0700", tick=False) as clock:
        totp = with_second_factor(app, an)
        clock.shift(60)
        step = sign_in(client, an, next="/typing")
        assert 'name="code"' in step.text
        assert client.get("/typing").status_code == 302, "half signed in is not signed in"
        half = cookie(client, "half")
        wrong = client.post("/login", data={**hidden_of(step.text), "code": "000000"})
        assert wrong.status_code == 401
        right = client.post("/login", data={**hidden_of(wrong.text), "code": totp.now()})
        assert right.location == "/typing"
        assert client.get("/typing").status_code == 200
        assert cookie(client, "half") is None
        assert cookie(client) != half
        with app.app_context():
            assert sessions.find(half or "") is None


def test_somebody_else_may_sign_in_instead_of_giving_the_code(
    app: Flask, client: FlaskClient, an: str, chi: str
) -> None:
    with_second_factor(app, an)
    step = sign_in(client, an)
    other = client.post("/login", data={**hidden_of(step.text), "again": "1", "code": ""})
    assert 'name="password"' in other.text
    answer = client.post("/login", data={**hidden_of(other.text), "username": chi, "password": PASSWORD})
    assert answer.location == "/members/me", "the administrator still owes a second factor"


@pytest.mark.promise("S4")
def test_too_many_tries_are_told_with_the_seconds_to_wait(client: FlaskClient, an: str) -> None:
    with time_machine.travel("2027-03-02 08:00 +0700", tick=False):
        for _ in range(5):
            sign_in(client, an, "không phải mật khẩu")
        answer = sign_in(client, an, PASSWORD)
    assert answer.status_code == 429
    assert "Còn chờ 30 giây" in answer.text
    assert answer.headers["Retry-After"] == "30"


def test_signing_out_ends_the_session_and_clears_the_browser(client: FlaskClient, an: str) -> None:
    sign_in(client, an)
    token = cookie(client)
    answer = client.post("/logout", data={"csrf_token": token_of(client, "/members/me")})
    assert '"cookies"' in answer.headers["Clear-Site-Data"]
    with client.session_transaction() as held:
        held["_user_id"] = token
    assert client.get("/typing").status_code == 302


@pytest.mark.promise("S39")
def test_a_one_time_password_must_be_changed_first_and_dies_after_a_day(app: Flask, client: FlaskClient) -> None:
    with time_machine.travel("2027-03-02 08:00 +0700", tick=False) as clock:
        with app.app_context():
            _member, once = members.add(members.OPERATOR, "moi", "Trần Mới", "so_vhttdl", ["duty"])
        assert sign_in(client, "moi", once, next="/typing").location == "/members/me"
        assert client.get("/typing?tab=3").location == "/members/me"
        fields = {"old": once, "password": "năm con vịt bơi qua sông", "password_again": "năm con vịt bơi qua sông"}
        done = client.post("/members/me/password", data=fields | {"csrf_token": token_of(client, "/members/me")})
        assert done.location == "/typing?tab=3"
        assert client.get("/typing").status_code == 200
        with app.app_context():
            _member, late = members.add(members.OPERATOR, "muon", "Trần Muộn", "so_vhttdl", ["duty"])
        clock.shift(24 * 3600 + 1)
        assert "chưa đúng" in sign_in(app.test_client(), "muon", late).text


@pytest.mark.promise("S2")
def test_a_role_that_requires_a_second_factor_sets_it_up_before_anything_else(
    app: Flask, client: FlaskClient, chi: str
) -> None:
    with time_machine.travel("2027-03-02 08:00 +0700", tick=False):
        sign_in(client, chi, next="/typing")
        assert client.get("/members").location == "/members/me"
        before = cookie(client)
        token = token_of(client, "/members/me")
        client.post("/members/me/second-factor", data={"csrf_token": token})
        page = client.get("/members/me")
        assert "<svg" in page.text
        with app.app_context():
            setup = second_factor.pending(members.by_username(chi))
        assert setup
        assert setup.secret in page.text.replace(" ", "")
        done = client.post(
            "/members/me/second-factor/confirm", data={"csrf_token": token, "code": pyotp.TOTP(setup.secret).now()}
        )
        assert done.text.count('<li class="code">') == 10
        assert cookie(client) != before
        assert client.get("/members").status_code == 200


@pytest.mark.promise("S39")
def test_the_rehearsals_link_lets_one_choose_a_role_once_from_this_machine(
    app: Flask, client: FlaskClient, an: str
) -> None:
    app.config["REHEARSAL"] = True
    with app.app_context():
        link = f"/login/once/{sessions.make_once_link()}"
    assert client.get(link, environ_base={"REMOTE_ADDR": "10.1.2.3"}).status_code == 404
    page = client.get(link)
    assert "Nguyễn Thị An" in page.text
    fields = {"username": an, "csrf_token": token_of(client, link)}
    assert client.post(link, data=fields).location == "/"
    assert client.get("/typing").status_code == 200
    again = app.test_client()
    assert "đã dùng hoặc đã hết hạn" in again.get(link).text
    assert again.post(link, data={"username": an, "csrf_token": token_of(again)}).status_code == 410


@pytest.mark.promise("S39")
def test_the_rehearsals_link_dies_after_a_quarter_of_an_hour_and_outside_the_rehearsal(
    app: Flask, client: FlaskClient, an: str
) -> None:
    with app.app_context():
        link = f"/login/once/{sessions.make_once_link()}"
    assert client.get(link).status_code == 404
    app.config["REHEARSAL"] = True
    with time_machine.travel("2126-03-02 08:00 +0700"):
        assert client.get(link).status_code == 410


@pytest.mark.promise("S1")
def test_the_password_is_hashed_again_when_the_cost_has_changed(app: Flask, client: FlaskClient, an: str) -> None:
    app.config["PASSWORD_COST"] = (16, 2, 1)
    sign_in(client, an)
    with app.app_context():
        assert "m=16,t=2,p=1" in db.session.scalars(select(Member.password_hash)).one()


def test_a_removed_role_is_gone_at_the_next_request(app: Flask, client: FlaskClient, chi: str) -> None:
    app.config["REHEARSAL"] = True
    sign_in(client, chi)
    assert client.get("/members").status_code == 200
    with app.app_context(), transaction():
        role = members.by_username(chi).roles[0]
        role.role = "duty"
    assert client.get("/members").status_code == 403

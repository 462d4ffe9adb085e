"""The own account and the members' page in the browser."""

import re

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from bots import vitals
from incidents.db import db
from incidents.people import addresses, members
from incidents.people.models import Session
from incidents.telling.models import Alert
from tests.desk.conftest import PASSWORD, sign_in, token_of

ME = "/members/me"


def post(client: FlaskClient, address: str, **fields: str):  # type: ignore[no-untyped-def]
    return client.post(address, data={"csrf_token": token_of(client, ME), **fields})


def test_a_chat_is_linked_from_the_account_by_six_digits(app: Flask, client: FlaskClient, an: str) -> None:
    with app.app_context():
        vitals.beat(vitals.name_of("telegram"), "ok", "truc_bot")
    sign_in(client, an)
    post(client, f"{ME}/link")
    page = client.get(ME).text
    assert "https://t.me/truc_bot?start=" in page
    assert "<svg" in page
    assert re.search(r"Mã còn (10:00|9:5\d)", page)
    digits = re.search(r"<b class=\"fs-2\">(\d{3} \d{3})</b>", page)
    assert digits
    with app.app_context():
        assert addresses.claim("telegram", "77", "An <b>(@an)</b>", digits.group(1)) == "claimed"
    page = client.get(ME).text
    assert "Telegram: An &lt;b&gt;(@an)&lt;/b&gt; muốn liên kết." in page
    assert digits.group(1) not in page
    claim = re.search(r'name="claim" value="(\d+)"', page)
    assert claim
    assert "Đã liên kết" in client.get(post(client, f"{ME}/link/confirm", claim=claim.group(1)).location).text
    post(client, f"{ME}/test")
    with app.app_context():
        assert sorted(alert.kind for alert in db.session.scalars(select(Alert))) == [
            "reply",
            "test",
        ]  # link.done, Gửi thử


def test_a_claim_that_is_not_mine_is_refused_and_confirming_it_later_says_so(
    app: Flask, client: FlaskClient, an: str
) -> None:
    sign_in(client, an)
    post(client, f"{ME}/link")
    with client.session_transaction() as held:
        word = held["link_code"]["word"]
    with app.app_context():
        assert addresses.claim("telegram", "77", "Kẻ lạ", f"/start {word}") == "claimed"
    post(client, f"{ME}/link/refuse")
    answer = post(client, f"{ME}/link/confirm")
    assert answer.status_code == 400
    assert "Không có yêu cầu liên kết nào đang chờ" in answer.text


def test_a_password_change_ends_the_other_sessions_and_keeps_this_one(app: Flask, client: FlaskClient, an: str) -> None:
    other = app.test_client()
    sign_in(other, an)
    sign_in(client, an)
    fields = {"old": PASSWORD, "password": "năm con vịt bơi qua sông", "password_again": "năm con vịt bơi qua song"}
    differs = post(client, f"{ME}/password", **fields)
    assert differs.status_code == 400
    assert "chưa giống nhau" in differs.text
    post(client, f"{ME}/password", **{**fields, "password_again": fields["password"]})
    assert client.get("/typing").status_code == 200
    assert other.get("/typing").status_code == 302


def test_sessions_are_listed_and_ended_one_by_one_but_not_those_of_others(
    app: Flask, client: FlaskClient, an: str, chi: str
) -> None:
    other, stranger = app.test_client(), app.test_client()
    sign_in(other, an)
    sign_in(stranger, chi)
    sign_in(client, an)
    with app.app_context():
        ids = {row.member.username + str(row.id): row.id for row in db.session.scalars(select(Session))}
    mine_elsewhere, not_mine = ids["an1"], ids["chi2"]
    assert f"{ME}/sessions/{mine_elsewhere}/end" in client.get(ME).text
    post(client, f"{ME}/sessions/{mine_elsewhere}/end")
    assert other.get("/typing").status_code == 302
    assert post(client, f"{ME}/sessions/{not_mine}/end").status_code == 404


def test_the_language_is_kept_with_the_member(app: Flask, client: FlaskClient, an: str) -> None:
    sign_in(client, an)
    post(client, ME, lang="en", theme="dark")
    page = client.get(ME).text
    assert '<html lang="en" data-bs-theme="dark"' in page
    assert post(client, ME, lang="xx").status_code == 400


def test_the_language_of_the_sign_in_page_is_kept_in_the_browser(client: FlaskClient) -> None:
    answer = client.post("/preferences", data={"csrf_token": token_of(client), "lang": "en", "next": "/login"})
    assert answer.location == "/login", "the sign-in page again"
    assert "lang=en" in answer.headers["Set-Cookie"]


def test_the_switch_in_the_frame_leads_back_to_the_page(app: Flask, client: FlaskClient, an: str) -> None:
    sign_in(client, an)
    assert post(client, "/preferences", theme="dark", next="/typing?tab=2").location == "/typing?tab=2"
    with app.app_context():
        assert members.by_username(an).theme == "dark"


def test_an_administrator_adds_a_member_and_sees_the_one_time_password_once(
    app: Flask, client: FlaskClient, chi: str
) -> None:
    app.config["REHEARSAL"] = True
    sign_in(client, chi)
    fields = {"username": "moi", "name": "Trần <i>Mới</i>", "agency": "so_vhttdl", "roles": "duty"}
    page = post(client, "/members", **fields).text
    once = re.search(r'<dd class="code">(\w{4}-\w{4}-\w{4}-\w{4})</dd>', page)
    assert once
    assert once.group(1) not in client.get("/members").text
    assert "Trần &lt;i&gt;Mới&lt;/i&gt;" in page
    assert sign_in(app.test_client(), "moi", once.group(1)).location == ME
    again = post(client, "/members", **fields)
    assert again.status_code == 400
    assert "Đã có tài khoản “moi”" in again.text
    post(client, "/members/moi/disable")
    with app.app_context():
        assert not members.by_username("moi").is_active


def test_extra_fields_change_nothing(app: Flask, client: FlaskClient, an: str) -> None:
    sign_in(client, an)
    post(client, ME, lang="vi", roles="admin", role="admin", agency_id="9", id="9", is_active="")
    with app.app_context():
        member = members.by_username(an)
        assert (member.is_active, members.roles_on(member), member.agency_id) == (True, {"duty"}, 1)

"""A restricted incident is absent from every page of everybody who is not named (promises S10)."""

from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import select

from incidents.cases import intake, notes, quick_reports, sorting, triage
from incidents.cases.models import Entry, EntryFile, Incident
from incidents.db import db, transaction
from incidents.files import StoredFile
from incidents.telling.models import Alert
from incidents.vocabulary import AlertState
from tests import cast
from tests.desk.screens.conftest import Browser, main_of, picture

Open = Callable[..., Browser]
CANARY = "chimhoangyen"
OTHERS = ("mai", "son", "ha", "giang", "pao", "cuong", "lan", "chi", "phong", "nga", "khoa", "hung")


@pytest.fixture
def hidden_code(app: Flask) -> str:
    """An incident full of the canary word, with a picture, a failed alert, a report and a step; only Bình and An see it."""
    with app.app_context():
        an, binh = cast.actor("an"), cast.actor("binh")
        code = intake.log(
            an, f"Tin {CANARY}", 3, kind="suspected_false", category="disaster", place=f"Bảo Nhai {CANARY}",
            link=f"https://{CANARY}.example/", pictures=[(f"{CANARY}.png", picture().read())],
        ).code  # fmt: skip
        notes.note(an, code, f"Diễn biến {CANARY}")
        report, _ = quick_reports.send(cast.actor("an"), f"Tin của An {CANARY}", "k", ask=False)
        sorting.link(an, report.id, code)
        with transaction():
            for alert in db.session.scalars(select(Alert)):
                alert.state, alert.reason = AlertState.failed, "chặn bot"
        triage.restrict(binh, code, [an.id or 0])
    return code


def addresses(app: Flask, code: str) -> list[str]:
    """Every page that can be read, with the hidden incident where a page wants one."""
    with app.app_context():
        sha = db.session.scalar(select(StoredFile.sha256).join(EntryFile).join(Entry).join(Incident))
    values = {"code": code, "sha256": sha, "report_id": 1}
    found = []
    for rule in app.url_map.iter_rules():
        if rule.endpoint.partition(".")[0] in ("edge", "static", "bootstrap"):
            continue
        if "GET" in (rule.methods or ()) and rule.arguments <= values.keys():
            found.append(
                rule.rule.replace("<code>", code).replace("<sha256>", sha or "").replace("<int:report_id>", "1")
            )
    queries = [f"/incidents?q={CANARY}", f"/incidents?q={code}", "/incidents?state=all&due=failed", f"/incidents/{code}?entries=news",
               "/incidents?severity=3", "/steps?mine", f"/incidents/new/receivers?severity=3&place={CANARY}"]  # fmt: skip
    return [*found, *queries]


@pytest.mark.parametrize("who", OTHERS)
def test_nobody_else_finds_it_on_any_page(browser: Open, app: Flask, hidden_code: str, who: str) -> None:
    member = browser(who)
    for address in addresses(app, hidden_code):
        answer = member.get(address)
        typed = address.count(CANARY) + address.count(hidden_code)
        assert answer.status_code < 500, address
        if not typed:
            assert CANARY not in answer.text, address
            assert hidden_code not in answer.text, address
        elif answer.status_code == 200:  # the page may repeat what was typed into its own address, nothing more
            assert f"row-{hidden_code}" not in answer.text, address
            assert f"Tin {CANARY}" not in answer.text, address


@pytest.mark.parametrize("who", ["an", "binh"])
def test_the_people_named_see_it_and_who_else_does(browser: Open, hidden_code: str, who: str) -> None:
    page = browser(who).get(f"/incidents/{hidden_code}").text
    assert CANARY in page
    assert "2 người: " in page
    assert "Hạn chế" in page
    assert hidden_code in browser(who).get("/incidents").text


def test_its_picture_is_answered_like_one_that_does_not_exist(browser: Open, app: Flask, hidden_code: str) -> None:
    with app.app_context():
        sha = db.session.scalar(select(StoredFile.sha256))
    assert browser("an").get(f"/files/{sha}").status_code == 200
    hidden, unknown = browser("mai").get(f"/files/{sha}"), browser("mai").get(f"/files/{'0' * 64}")
    assert hidden.status_code == unknown.status_code == 404
    assert main_of(hidden.text) == main_of(unknown.text)


def test_it_is_in_no_figure_of_the_others(browser: Open, hidden_code: str) -> None:
    page = browser("mai").get("/incidents").text
    assert "Đang mở <b>0</b>" in page
    assert "Gửi lỗi <b>0</b>" in page
    assert "Đang mở <b>1</b>" in browser("an").get("/incidents").text


def test_the_administrator_follows_an_alert_and_reads_no_incident(browser: Open, hidden_code: str) -> None:
    page = browser("chi").get("/alerts").text
    assert "không có người nhận" in page or "lỗi" in page
    assert hidden_code not in page


def test_it_is_opened_again_by_one_button(browser: Open, hidden_code: str) -> None:
    binh = browser("binh")
    assert "Đã bỏ hạn chế người xem." in binh.follow(binh.send(f"/incidents/{hidden_code}/restrict", open="1")).text
    assert browser("mai").get(f"/incidents/{hidden_code}").status_code == 200


def test_who_restricts_stays_among_the_readers(browser: Open, log: Callable[..., str], app: Flask) -> None:
    code, binh = log(), browser("binh")
    with app.app_context():
        ids = [str(cast.actor(name).id) for name in ("an", "mai")]
    page = binh.follow(binh.send(f"/incidents/{code}/restrict", readers=ids)).text
    assert "Chỉ 3 người được chọn còn xem được." in page
    assert browser("son").get(f"/incidents/{code}").status_code == 404

"""The screens in a real Chromium: with and without script, light and dark, narrow and wide, in both languages."""

import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from flask import Flask
from playwright.sync_api import Browser, BrowserContext, Page, expect
from sqlalchemy import select
from werkzeug.serving import make_server

from incidents.cases import assignments, doing, intake, notes, quick_reports
from incidents.cases.models import Entry, Incident, Step
from incidents.db import db
from incidents.people import members, sessions
from tests import cast
from tests.desk.screens.conftest import picture

pytestmark = pytest.mark.browser
ARGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
Enter = Callable[..., BrowserContext]


@pytest.fixture
def address(app: Flask) -> Iterator[str]:
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def enter(app: Flask, address: str, chromium: Browser) -> Iterator[Enter]:
    """A browser window of a member; any refused resource or script error fails the test."""
    opened: list[BrowserContext] = []
    faults: list[str] = []

    def entered(username: str, width: int = 1280, lang: str = "vi", **more: Any) -> BrowserContext:
        with app.app_context():
            token = sessions.start(members.by_username(username), "127.0.0.1", "test", second_factor=True)
            members.set_preferences(cast.actor(username), lang=lang)
        context = chromium.new_context(viewport={"width": width, "height": 800}, base_url=address, **more)
        signer = app.session_interface.get_signing_serializer(app)  # type: ignore[attr-defined]
        cookie = signer.dumps({"_user_id": token, "_fresh": True})
        context.add_cookies([{"name": app.config["SESSION_COOKIE_NAME"], "value": cookie, "url": address}])
        context.on("weberror", lambda error: faults.append(str(error.error)))
        context.on("console", lambda line: faults.append(line.text) if "Content Security Policy" in line.text else None)
        opened.append(context)
        return context

    yield entered
    for context in opened:
        context.close()
    assert faults == []


@pytest.fixture
def rumour(app: Flask) -> str:
    """A rumour with steps, two agencies, notes and a picture; and a quick report that waits."""
    with app.app_context():
        code = intake.log(
            cast.actor("an"), "Có tin vỡ đập, dân hoang mang", 3, kind="suspected_false", category="disaster",
            place="Bảo Nhai", flags={"safety": True}, pictures=[("đập.png", picture().read())],
        ).code  # fmt: skip
        assignments.assign(cast.actor("binh"), code, "pa05", purpose="Xác minh")
        doing.tick(cast.actor("an"), code, "fast_intake", result="Đã gọi")
        notes.note(cast.actor("an"), code, "Đập bình thường")
        quick_reports.send(cast.actor("giang"), "Bà con hỏi về đập", "k1", ask=False)
    return code


def test_without_script_one_logs_accepts_finishes_a_step_and_writes(enter: Enter, app: Flask) -> None:
    page = enter("an", java_script_enabled=False).new_page()
    page.goto("/incidents/new")
    page.get_by_label("Chuyện gì xảy ra?").fill("Có tin vỡ đập")
    page.get_by_text("Cấp 3").first.click()
    page.get_by_text("Thông tin có dấu hiệu giả, sai sự thật").click()
    page.get_by_label("Lĩnh vực").select_option("disaster")
    page.get_by_label("Nơi", exact=True).fill("bao nhai")
    page.get_by_role("button", name="Lưu và báo").click()
    expect(page.get_by_role("status").filter(has_text="Đã lưu TG-")).to_be_visible()
    page.locator(".case-head").get_by_role("button", name="Nhận việc").click()
    expect(page.get_by_text("Giữ: Nguyễn An")).to_be_visible()
    page.get_by_role("button", name="Xong bước 1:").click()
    expect(page.get_by_text("Đã ghi xong bước.")).to_be_visible()
    page.get_by_label("Diễn biến mới").fill("Xã báo đập bình thường")
    page.get_by_role("button", name="Ghi", exact=True).click()
    expect(page.locator("#entries").get_by_text("Xã báo đập bình thường")).to_be_visible()
    with app.app_context():
        assert len(db.session.scalars(select(Incident)).all()) == 1
        assert db.session.scalar(select(Step.state).where(Step.key == "fast_intake")) == "done"
        assert db.session.scalar(select(Entry.kind).where(Entry.text == "Xã báo đập bình thường")) == "note"


def test_what_is_typed_is_kept_by_itself_and_offered_after_a_crash(enter: Enter) -> None:
    context = enter("an")
    page = context.new_page()
    page.goto("/incidents/new")
    page.get_by_label("Chuyện gì xảy ra?").press_sequentially("Có tin vỡ đập ở Bảo Nhai")
    expect(page.locator("[data-draft-state]")).to_contain_text("Đã lưu nháp", timeout=6000)
    page.close(run_before_unload=False)
    again = context.new_page()
    again.goto("/incidents/new")
    again.get_by_role("link", name="Dùng lại").click()
    expect(again.get_by_label("Chuyện gì xảy ra?")).to_have_value("Có tin vỡ đập ở Bảo Nhai")


def test_the_receivers_appear_while_the_form_is_filled(enter: Enter) -> None:
    page = enter("an").new_page()
    page.goto("/incidents/new")
    page.get_by_label("Chuyện gì xảy ra?").fill("Có tin vỡ đập")
    page.keyboard.press("Alt+Digit4")
    expect(page.locator("#preview")).to_contain_text("Sẽ báo ngay: Hoàng Thị Mai (Telegram)", timeout=4000)


def test_a_new_incident_appears_on_an_open_board_by_itself(enter: Enter, app: Flask) -> None:
    page = enter("mai").new_page()
    page.goto("/incidents")
    with app.app_context():
        code = intake.log(cast.actor("an"), "Có tin vỡ đập", 4).code
    page.mouse.move(0, 0)
    expect(page.locator("main")).to_contain_text(code, timeout=9000)


@pytest.mark.parametrize(
    ("lang", "scheme", "width"),
    [("vi", "light", 1280), ("en", "dark", 1280), ("vi", "dark", 360), ("en", "light", 360)],
)
def test_every_screen_is_accessible_and_stays_within_its_width(
    enter: Enter, rumour: str, lang: str, scheme: str, width: int
) -> None:
    here = f"/incidents/{rumour}"
    pages = {
        "an": ("/incidents", "/incidents?severity=1", "/incidents/new", here, f"{here}/severity", f"{here}/edit", f"{here}/playbook",
               "/quick-reports", "/quick-reports/1", "/steps?mine", "/alerts", "/nope"),
        "binh": (f"{here}/assign", f"{here}/move", f"{here}/anchor", f"{here}/restrict"),
        "giang": ("/steps?mine", "/incidents/new", "/quick-reports/1"),
        "chi": ("/updates",),
    }  # fmt: skip
    for who, addresses in pages.items():
        page = enter(who, width, lang, color_scheme=scheme).new_page()
        for address in addresses:
            page.goto(address)
            check(page, f"{who} {address}")


def check(page: Page, name: str) -> None:
    found = Axe().run(page).response["violations"]
    grave = [
        (fault["id"], [node["target"] for node in fault["nodes"]])
        for fault in found
        if fault["impact"] in ("serious", "critical")
    ]
    assert grave == [], name
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0, name
    assert page.locator("h1").count() == 1, name

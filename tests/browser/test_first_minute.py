"""The first minute of a first-time user: the printed address, a role, a message that arrives, a card pressed in chat."""

import time
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.rehearsing import Rehearsal, context

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rehearsal]:
    """A desk nobody has seen yet: its greeting comes once."""
    running = Rehearsal(tmp_path_factory.mktemp("first"))
    yield running
    assert running.close() == 0


@pytest.fixture(scope="module")
def page(chromium: Browser, desk: Rehearsal) -> Iterator[Page]:
    opened = context(chromium).new_page()
    yield opened
    opened.context.close()


def test_the_printed_address_lets_a_first_time_user_choose_a_role(desk: Rehearsal, page: Page) -> None:
    page.goto(desk.link)
    page.get_by_role("button", name="Vào với vai Nguyễn An").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Bảng trực")
    expect(page.locator(".band-drill")).to_contain_text("DIỄN TẬP")
    assert page.locator("#rows tr").count() == 6


def test_the_address_works_once(desk: Rehearsal, chromium: Browser) -> None:
    other = context(chromium).new_page()
    other.goto(desk.link)
    expect(other.locator("main")).to_contain_text("đã dùng hoặc đã hết hạn")
    other.context.close()


def test_giangs_message_arrives_by_itself_and_becomes_an_incident(desk: Rehearsal, page: Page) -> None:
    page.goto(f"{desk.url}/quick-reports")
    expect(page.get_by_text("BN-0004")).to_be_visible(timeout=60_000)
    page.locator("#reports tr", has_text="BN-0004").get_by_role("link").click()
    page.locator("label[for=severity-4]").click()
    page.locator("label[for=kind-suspected_false]").click()
    page.locator("#f-category").select_option("disaster")
    page.locator("#open-title ~ form button.btn-primary").click()
    expect(page.locator("h1")).to_contain_text("xã Bảo Nhai")
    expect(page.locator("main")).to_contain_text("PB-02")


def test_a_button_pressed_in_chat_changes_the_page_without_a_reload(
    desk: Rehearsal, page: Page, chromium: Browser
) -> None:
    chat = context(chromium).new_page()
    chat.goto(desk.chat_url)
    chat.get_by_role("link", name="Trần Văn Bình").first.click()
    accept = chat.get_by_role("button", name="Nhận việc").last
    expect(accept).to_be_visible(timeout=20_000)
    page.goto(f"{desk.url}/incidents")
    code = page.locator("#rows tr", has_text="xã Bảo Nhai").filter(has_text="chưa ai nhận").first
    expect(code).to_be_visible()
    before = page.locator("#rows").get_by_text("Trần Văn Bình").count()
    accept.click()
    started = time.monotonic()
    expect(page.locator("#rows").get_by_text("Trần Văn Bình")).to_have_count(before + 1, timeout=12_000)
    assert time.monotonic() - started < 12  # the board looks every five seconds
    chat.context.close()

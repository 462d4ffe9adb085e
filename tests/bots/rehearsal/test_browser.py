"""The chat page in a real Chromium: live, by keyboard, light and dark, narrow and wide."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from bots.rehearsal import StandIn, scenario

from .conftest import AN, GIANG, ask, keyboard, send, updates

pytestmark = pytest.mark.browser
PICTURE = scenario.FOLDER / "s1_dap_1.jpg"
ARGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]


@pytest.fixture
def tab(chromium: Browser) -> Iterator[Page]:
    """A tab that fails the test on any script error or refused resource."""
    context = chromium.new_context(viewport={"width": 1280, "height": 800})
    page = context.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("console", lambda line: errors.append(line.text) if "Content Security Policy" in line.text else None)
    yield page
    context.close()
    assert errors == []


def opened(tab: Page, stand_in: StandIn, user_id: int = GIANG) -> Page:
    tab.goto(f"{stand_in.url}/?user={user_id}")
    return tab


def card(stand_in: StandIn, chat: int = GIANG) -> int:
    markup = keyboard([("🔵 Cấp 1", "s1"), ("🛑 Cấp 4", "s4")])
    return send(stand_in, chat, "Đã ghi nhận BN-0412. Mức độ?", reply_markup=markup).message_id


def test_a_person_sends_presses_and_sees_the_card_change_without_a_reload(tab: Page, stand_in: StandIn) -> None:
    opened(tab, stand_in)
    tab.get_by_label("Nhắn tin", exact=True).fill("Có tin vỡ đập, dân đang hoang mang")
    tab.keyboard.press("Enter")
    expect(tab.locator("#messages .mine .text")).to_have_text("Có tin vỡ đập, dân đang hoang mang")
    expect(tab.get_by_label("Nhắn tin", exact=True)).to_have_value("")

    number = card(stand_in)
    tab.get_by_role("button", name="🛑 Cấp 4").click()
    query = updates(stand_in)[-1].callback_query
    ask(stand_in, lambda bot: bot.answer_callback_query(query.id, "Đã chọn Cấp 4"))
    ask(stand_in, lambda bot: bot.edit_message_text("Đang báo trực ban Nguyễn An.", GIANG, number))

    assert query.data == "s4"
    expect(tab.locator("#toast")).to_contain_text("Đã chọn Cấp 4")
    expect(tab.locator(f"#m{number} .text")).to_have_text("Đang báo trực ban Nguyễn An.")
    expect(tab.locator(f"#m{number} .edited")).to_have_text("đã sửa")
    expect(tab.get_by_role("button", name="🛑 Cấp 4")).to_have_count(0)
    assert tab.evaluate("performance.getEntriesByType('navigation').length") == 1


def test_a_person_uploads_a_photo_and_sees_it(tab: Page, stand_in: StandIn) -> None:
    opened(tab, stand_in)
    tab.get_by_label("Ảnh hoặc tệp").set_input_files(PICTURE)
    tab.get_by_label("Nhắn tin", exact=True).fill("hiện trường")
    tab.get_by_role("button", name="Gửi", exact=True).click()

    picture = tab.locator("#messages img")
    expect(picture).to_be_visible()
    expect(picture).to_have_js_property("naturalWidth", 960)
    assert updates(stand_in)[0].message.caption == "hiện trường"


def test_a_file_too_large_is_told_of_before_it_is_sent_and_the_text_stays(
    tab: Page, stand_in: StandIn, tmp_path: Path
) -> None:
    large = tmp_path / "dap.jpg"
    large.write_bytes(bytes(26 * 1024 * 1024))
    opened(tab, stand_in)
    tab.get_by_label("Ảnh hoặc tệp").set_input_files(large)
    tab.get_by_label("Nhắn tin", exact=True).fill("hiện trường")
    tab.keyboard.press("Enter")

    expect(tab.get_by_role("alert")).to_have_text("Tệp lớn hơn 25 MB nên chưa gửi. Chọn tệp nhỏ hơn.")
    expect(tab.get_by_label("Nhắn tin", exact=True)).to_have_value("hiện trường")
    assert stand_in.state.messages(GIANG) == []


def test_a_person_edits_the_own_message_and_news_does_not_disturb_it(tab: Page, stand_in: StandIn) -> None:
    stand_in.state.say(GIANG, "vỡ đâp")
    number = stand_in.state.messages(GIANG)[0]["message_id"]
    opened(tab, stand_in)
    tab.get_by_text("Sửa tin này").click()
    tab.get_by_label("Nội dung mới").fill("vỡ đập")
    send(stand_in, GIANG, "Tin khác")
    expect(tab.get_by_text("Tin khác", exact=True).first).to_be_visible()
    expect(tab.get_by_label("Nội dung mới")).to_have_value("vỡ đập")
    tab.get_by_role("button", name="Lưu").click()

    expect(tab.locator(f"#m{number} .text")).to_have_text("vỡ đập")
    assert updates(stand_in)[-1].edited_message.text == "vỡ đập"


def test_the_keyboard_alone_presses_a_button_and_keeps_its_place(tab: Page, stand_in: StandIn) -> None:
    number = card(stand_in)
    opened(tab, stand_in)
    tab.get_by_role("button", name="🔵 Cấp 1").focus()
    tab.keyboard.press("Enter")
    expect(tab.locator("#calls")).to_be_attached()
    ask(
        stand_in,
        lambda bot: bot.edit_message_text("Loại?", GIANG, number, reply_markup=keyboard([("Báo chí", "k2")])),
    )

    expect(tab.get_by_role("button", name="Báo chí")).to_be_focused()


def test_another_personas_message_shows_as_a_count_on_the_tab(tab: Page, stand_in: StandIn) -> None:
    opened(tab, stand_in, GIANG)
    card(stand_in, AN)

    expect(tab.get_by_role("link", name=re.compile("^An.*1 tin chưa xem"))).to_be_visible()
    tab.get_by_role("link", name=re.compile("^An")).click()
    expect(tab.get_by_role("button", name="🛑 Cấp 4")).to_be_visible()


def test_the_panel_slows_the_network_and_blocks_the_bot(tab: Page, stand_in: StandIn) -> None:
    opened(tab, stand_in)
    tab.get_by_label("Trễ mạng").focus()
    tab.keyboard.press("ArrowRight")
    expect(tab.locator("#faults")).to_contain_text("250 mili giây")
    tab.get_by_role("button", name="Chặn bot").click()
    expect(tab.locator("#faults")).to_contain_text("Chặn bot · Giang")
    tab.get_by_role("button", name=re.compile("^Bỏ: Chặn bot")).click()
    expect(tab.locator("#faults")).not_to_contain_text("Chặn bot")

    assert [one.kind for one in stand_in.state.faults.in_force()] == ["slow"]


def test_the_scenario_plays_before_ones_eyes(tab: Page, stand_in: StandIn) -> None:
    opened(tab, stand_in)
    tab.get_by_label("Tốc độ").select_option("60")
    tab.get_by_role("button", name="Bắt đầu").click()

    expect(tab.locator("#messages .text").first).to_contain_text("bao cao truc")
    expect(tab.locator("#play")).to_contain_text("Đang chơi, đã gửi 1/5 · ×60")
    tab.get_by_role("button", name="Dừng").click()
    expect(tab.locator("#play")).to_contain_text("Đã xong")


def test_everything_works_with_javascript_switched_off(chromium: Browser, stand_in: StandIn) -> None:
    card(stand_in)
    context = chromium.new_context(java_script_enabled=False)
    page = opened(context.new_page(), stand_in)
    page.get_by_label("Nhắn tin", exact=True).fill("không có JavaScript")
    page.get_by_label("Ảnh hoặc tệp").set_input_files(PICTURE)
    page.get_by_role("button", name="Gửi", exact=True).click()
    page.get_by_role("button", name="🛑 Cấp 4").click()

    expect(page.get_by_role("link", name="Tải lại để xem tin mới")).to_be_visible()
    photo, press = updates(stand_in)
    assert photo.message.caption == "không có JavaScript"
    assert press.callback_query.data == "s4"
    context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("lang", ["vi", "en"])
@pytest.mark.parametrize("width", [360, 1280])
def test_axe_finds_nothing_and_nothing_runs_off_the_side(
    chromium: Browser, stand_in: StandIn, scheme: str, lang: str, width: int
) -> None:
    everything(stand_in)
    context = chromium.new_context(viewport={"width": width, "height": 740}, color_scheme=scheme)
    page = context.new_page()
    page.goto(f"{stand_in.url}/?user={GIANG}&lang={lang}")
    page.evaluate("for (const one of document.querySelectorAll('details')) one.open = true")
    found = Axe().run(page)

    assert [(one["id"], [node["html"] for node in one["nodes"]]) for one in found.response["violations"]] == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    context.close()


def everything(stand_in: StandIn) -> None:
    """One of each thing the page can show."""
    state = stand_in.state
    state.say(GIANG, "Có tin vỡ đập https://mxh.example/p/881?fbclid=" + "x" * 120)
    state.photo(GIANG, PICTURE.read_bytes(), "hiện trường")
    state.document(GIANG, b"PK", "Báo cáo (1).docx")
    state.edit(GIANG, state.messages(GIANG)[0]["message_id"], "Có tin vỡ đập")
    card(stand_in)
    card(stand_in, AN)
    state.fault("flood", AN, seconds=600)
    state.fault("slow", ms=1)

"""What desk.js adds to the editor: a step dragged to its place, a condition looked at while it is typed."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.rehearsing import Rehearsal, context, sign_in

pytestmark = pytest.mark.browser
DRAFT = "/playbooks/pb01_false_info_social/draft"


@pytest.fixture
def son(chromium: Browser, rehearsal: Rehearsal) -> Iterator[Page]:
    """Sơn, who may edit playbooks; the rehearsal has a draft of PB-01."""
    page = context(chromium).new_page()
    sign_in(page, rehearsal, "son")
    yield page
    page.context.close()


def test_a_step_is_dragged_to_its_place(son: Page, rehearsal: Rehearsal) -> None:
    son.goto(rehearsal.url + DRAFT)
    names = son.locator("[data-move] h3").all_inner_texts()
    son.locator("[data-move]").nth(2).drag_to(son.locator("[data-move]").nth(0))
    expect(son.locator("[data-move] h3").nth(0)).to_have_text(names[2].replace("3. ", "1. "))
    expect(son.locator("[data-move] h3").nth(1)).to_have_text(names[0].replace("1. ", "2. "))
    son.locator("[data-move]").nth(0).get_by_role("button", name="Xuống").click()
    expect(son.locator("[data-move] h3").nth(1)).to_have_text(names[2].replace("3. ", "2. "))
    son.locator("[data-move]").nth(1).get_by_role("button", name="Xuống").click()
    assert son.locator("[data-move] h3").all_inner_texts() == names


def test_a_condition_is_looked_at_while_it_is_typed(son: Page, rehearsal: Rehearsal) -> None:
    son.goto(f"{rehearsal.url}{DRAFT}/steps/triage_classify")
    son.fill("#f-when", "severity >= 3")
    expect(son.locator("#preview")).to_contain_text("cấp độ từ Cấp 3")
    son.fill("#f-when", "severiti >= 3")
    expect(son.locator("#preview")).to_contain_text("không có dữ kiện: severiti")

"""Every screen: no accessibility violation, no broken policy, no sideways scroll, within its budget of bytes."""

import gzip
from datetime import date

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from tests.rehearsing import Rehearsal, context, sign_in
from tests.screens_list import SCREENS

pytestmark = pytest.mark.browser
WARM_HTML = 12 * 1024  # bytes gzipped (screens.md 12)


@pytest.fixture(scope="module")
def pages(chromium: Browser, rehearsal: Rehearsal):  # type: ignore[no-untyped-def]
    """Signed-in pages, one per person and look, opened when first asked for."""
    opened: dict[tuple[str, bool, int], Page] = {}

    def page_of(who: str, dark: bool, width: int) -> Page:
        key = (who, dark, width)
        if key not in opened:
            opened[key] = context(chromium, dark=dark, width=width).new_page()
            if who:
                sign_in(opened[key], rehearsal, who)
        return opened[key]

    yield page_of
    for page in opened.values():
        page.context.close()


@pytest.mark.parametrize("width", [1280, 360])
@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize(("name", "who", "address"), SCREENS, ids=[screen[0] for screen in SCREENS])
def test_a_screen_is_for_everybody(pages, rehearsal, name, who, address, dark, width) -> None:  # type: ignore[no-untyped-def]
    page: Page = pages(who, dark, width)
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text) if message.type in ("error", "warning") else None)
    answer = page.goto(rehearsal.url + address.format(year=date.today().year))  # noqa: DTZ011 - a code of this year
    assert answer is not None
    assert answer.status == (404 if name == "not-found" else 200)
    found = Axe().run(page).response["violations"]
    assert [f"{v['id']}: {v['nodes'][0]['html'][:120]}" for v in found if v["impact"] in ("serious", "critical")] == []
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth + 1")
    assert [text for text in said if "Content Security Policy" in text] == []
    assert len(gzip.compress(answer.body())) <= WARM_HTML


def test_english_is_complete_on_every_screen(pages, rehearsal) -> None:  # type: ignore[no-untyped-def]
    page: Page = pages("an", False, 1280)
    page.goto(f"{rehearsal.url}/incidents")
    page.click("footer button[name=lang]")
    try:
        for word in ("Board", "Quick log"):
            assert page.get_by_text(word).count() > 0
        assert page.locator("html").get_attribute("lang") == "en"
    finally:
        page.click("footer button[name=lang]")

"""``make shots``: every screen of a rehearsal desk as a picture, light and dark, 1280 and 360 px wide, into var/shots."""

import sys
import tempfile
from datetime import date
from pathlib import Path

from playwright.sync_api import Browser, Page

from tests.rehearsing import Rehearsal, browser, context, sign_in
from tests.screens_list import SCREENS

TARGET = Path("var/shots")


def main() -> None:
    TARGET.mkdir(parents=True, exist_ok=True)
    wanted = set(sys.argv[1:])
    with tempfile.TemporaryDirectory() as folder, browser() as opened:
        desk = Rehearsal(Path(folder))
        try:
            for dark in (False, True):
                for width in (1280, 360):
                    _take(opened, desk, wanted, dark=dark, width=width)
        finally:
            desk.close()


def _take(opened: Browser, desk: Rehearsal, wanted: set[str], *, dark: bool, width: int) -> None:
    pages: dict[str, Page] = {}
    for name, who, address in SCREENS:
        if wanted and name not in wanted:
            continue
        if who not in pages:
            pages[who] = context(opened, dark=dark, width=width).new_page()
            if who:
                sign_in(pages[who], desk, who)
        page = pages[who]
        page.goto(desk.url + address.format(year=date.today().year))  # noqa: DTZ011 - a code of this year
        page.screenshot(path=TARGET / f"{name}-{'dark' if dark else 'light'}-{width}.png", full_page=True)
        sys.stdout.write(f"{name} {'dark' if dark else 'light'} {width}\n")
    for page in pages.values():
        page.context.close()
    if not wanted or "chat" in wanted:
        _take_chat(opened, desk, dark=dark, width=width)


def _take_chat(opened: Browser, desk: Rehearsal, *, dark: bool, width: int) -> None:
    """The rehearsal chat as Bình sees it, once his cards have arrived."""
    page = context(opened, dark=dark, width=width).new_page()
    page.goto(desk.chat_url)
    page.get_by_role("link", name="Trần Văn Bình").first.click()
    page.get_by_text("Cấp 4").first.wait_for()
    page.screenshot(path=TARGET / f"chat-{'dark' if dark else 'light'}-{width}.png")
    page.context.close()


main()

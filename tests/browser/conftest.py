"""One rehearsal desk and one browser for all browser tests: starting them takes longer than any test."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from tests.rehearsing import Rehearsal, context, sign_in


@pytest.fixture(scope="session")
def rehearsal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rehearsal]:
    desk = Rehearsal(tmp_path_factory.mktemp("rehearsal"))
    yield desk
    assert desk.close() == 0


@pytest.fixture
def an(chromium: Browser, rehearsal: Rehearsal) -> Iterator[Page]:
    """An, on duty, at the board."""
    page = context(chromium).new_page()
    sign_in(page, rehearsal, "an")
    yield page
    page.context.close()

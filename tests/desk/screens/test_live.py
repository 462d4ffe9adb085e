"""Pages that ask for news by themselves."""

from collections.abc import Callable

import pytest

from desk.screens.live import fingerprint
from tests.desk.screens.conftest import Browser

Open = Callable[..., Browser]
Log = Callable[..., str]


@pytest.mark.parametrize("page", ["/incidents", "/quick-reports", "/steps?mine", "/alerts", "case"])
def test_nothing_new_is_answered_without_a_body(browser: Open, log: Log, page: str) -> None:
    an, code = browser("an"), log("Theo dõi", 1, kind="watch")
    address = f"/incidents/{code}" if page == "case" else page
    first = an.get(address, X_Live="1")
    tag = first.headers["ETag"]
    again = an.get(address, X_Live="1", If_None_Match=tag)
    assert again.status_code == 304
    assert again.data == b""
    assert again.headers["ETag"] == tag
    assert "no-store" in again.headers["Cache-Control"]


def test_news_is_answered_with_the_page(browser: Open, log: Log) -> None:
    an = browser("an")
    tag = an.get("/incidents").headers["ETag"]
    code = log()
    page = an.get("/incidents", X_Live="1", If_None_Match=tag)
    assert page.status_code == 200
    assert code in page.text


def test_a_page_that_asks_by_itself_leaves_the_message_to_the_person(browser: Open) -> None:
    an = browser("an")
    done = an.send("/incidents/new", what="Tin vỡ đập", severity="2", nonce="n")
    assert "Đã lưu SK" not in an.get(done.location, X_Live="1").text
    assert "Đã lưu SK" in an.get(done.location).text
    assert "Đã lưu SK" not in an.get(done.location).text


def test_a_right_that_is_gone_ends_the_page_at_the_next_question(browser: Open, log: Log) -> None:
    code, an, binh = log(), browser("an"), browser("binh")
    tag = an.get(f"/incidents/{code}").headers["ETag"]
    binh.send(f"/incidents/{code}/restrict", readers="3")
    assert an.get(f"/incidents/{code}", X_Live="1", If_None_Match=tag).status_code == 404


def test_two_pages_differ_by_what_they_show_only() -> None:
    page = '<body data-now="{0}"><meta name="csrf-token" content="{1}"><input name="nonce" value="{1}"><time datetime="{0}">{0}</time>{2}'
    assert fingerprint(page.format("02:14", "a", "x")) == fingerprint(page.format("02:15", "b", "x"))
    assert fingerprint(page.format("02:14", "a", "x")) != fingerprint(page.format("02:14", "a", "y"))

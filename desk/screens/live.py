"""Pages that ask for news by themselves: an answer of 304 when nothing has changed, and no traces of the asking."""

import re
from collections.abc import Callable
from functools import wraps
from hashlib import sha256
from typing import Any

from flask import make_response, request
from werkzeug.wrappers import Response

_NOW = re.compile(r'data-now="([^"]+)"')
_TOKENS = re.compile(r'(name="(?:csrf-token" content|csrf_token" value|nonce" value)=")[^"]*')


def live(view: Callable[..., Any]) -> Callable[..., Any]:
    """Give the page an ETag of what it shows, and answer ``If-None-Match`` with 304 and no body."""

    @wraps(view)
    def shown(*args: Any, **values: Any) -> Response:
        response = make_response(view(*args, **values))
        if request.method != "GET" or response.status_code != 200:
            return response
        response.set_etag(fingerprint(response.get_data(as_text=True)))
        return response.make_conditional(request)

    return shown


def fingerprint(page: str) -> str:
    """The same for two answers that differ only in the time of the server, tokens and form numbers."""
    now = _NOW.search(page)
    if now:
        at = re.escape(now[1])
        page = re.sub(rf'<time[^>]*datetime="{at}"[^>]*>[^<]*</time>|data-now="{at}"', "", page)
    return sha256(_TOKENS.sub(r"\1", page).encode()).hexdigest()[:32]


def quiet() -> dict[str, Any]:
    """For every template: a page that asks by itself leaves messages to the person who comes after it."""
    return {"get_flashed_messages": lambda **_: []} if "X-Live" in request.headers else {}

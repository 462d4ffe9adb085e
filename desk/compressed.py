"""Style sheets, scripts and drawings travel gzipped: a cold page on slow 4G is usable within its budget.

Pages themselves do not: they hold a token beside what people typed, and their compressed size would tell of it (BREACH).
"""

import gzip
from functools import lru_cache

from flask import Flask, Response, request

_KINDS = frozenset({"text/css", "text/javascript", "application/javascript", "image/svg+xml"})


def init_app(app: Flask) -> None:
    app.after_request(compress)


def compress(answer: Response) -> Response:
    """The same answer, gzipped when it is a static file of such a kind and the browser takes it."""
    is_static = (request.endpoint or "").rpartition(".")[2] == "static"
    if not is_static or answer.status_code != 200 or answer.mimetype not in _KINDS:
        return answer
    answer.vary.add("Accept-Encoding")
    if "gzip" in request.accept_encodings:
        answer.direct_passthrough = False
        answer.set_data(_gzipped(answer.get_data()))
        answer.headers["Content-Encoding"] = "gzip"
    return answer


@lru_cache(maxsize=16)
def _gzipped(content: bytes) -> bytes:
    return gzip.compress(content, 9, mtime=0)

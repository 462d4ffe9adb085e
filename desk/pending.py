"""A form that was sent when the session had ended: carried through signing in, so that nothing typed is lost (C1).

The text travels in hidden fields of the sign-in page, never in the browser's storage; once the person is known it is
kept as a draft, and the form is opened again with ``?draft=1``.
"""

import json
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from flask import current_app, request
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect

from desk import drafts

LONGEST = 400_000  # characters of JSON
_MOST_FIELDS = 60
_SECRET = ("csrf_token", "code", "old")


@dataclass(frozen=True)
class Pending:
    """``path``: where the form was sent; ``page``: where it is filled in; ``fields``: name → text or list of texts."""

    path: str
    page: str
    fields: dict[str, Any]

    @property
    def hidden(self) -> dict[str, str]:
        """The hidden fields of the sign-in page."""
        fields = json.dumps(self.fields, ensure_ascii=False)
        return {"pending_path": self.path, "pending_page": self.page, "pending_fields": fields}

    def keep(self, member_id: int) -> str:
        """Keep the text as the member's draft; returns the address of the page that shows it again."""
        if self.fields:
            drafts.keep(member_id, drafts.key_of(self.path), self.fields)
        return self.page + ("&" if "?" in self.page else "?") + "draft=1" if self.fields else self.page


def of_request() -> Pending:
    """The form that has just been sent; files cannot be carried, passwords are not."""
    names = [name for name in request.form if name not in _SECRET and "password" not in name][:_MOST_FIELDS]
    lists = {name: request.form.getlist(name) for name in names}
    fields = {name: values[0] if len(values) == 1 else values for name, values in lists.items()}
    if sum(len(text) for texts in lists.values() for text in texts) > LONGEST:
        fields = {}  # no form of ours is as long; the person is asked to sign in all the same
    return Pending(request.path, _page_of(request.path), fields)


def of_form(form: MultiDict[str, str]) -> Pending | None:
    """What ``hidden`` put into the sign-in page, or None; nothing in it is trusted."""
    path, page = local_path(form.get("pending_path")), local_path(form.get("pending_page"))
    raw = form.get("pending_fields", "")
    if not path or not page or not 0 < len(raw) <= LONGEST:
        return None
    try:
        fields = json.loads(raw)
    except (ValueError, RecursionError):
        return None
    return Pending(path, page, fields) if _is_flat(fields) else None


def local_path(address: str | None) -> str:
    """``address`` when it is a path of this desk and not part of signing in, else ``""``."""
    if not address or not address.startswith("/") or address.startswith(("//", "/\\")) or not address.isprintable():
        return ""
    if "\\" in address or urlsplit(address).path.split("/")[1] in ("login", "logout"):
        return ""
    return address


def _page_of(path: str) -> str:
    """Where the form stands: the same path when it can be opened, else the page it was sent from, else the first page."""
    if _can_be_read(path):
        return path
    origin = urlsplit(request.referrer or "")
    if origin.netloc == request.host and _can_be_read(origin.path):
        return local_path(origin.path + (f"?{origin.query}" if origin.query else "")) or "/"
    return "/"


def _can_be_read(path: str) -> bool:
    try:
        current_app.create_url_adapter(request).match(path, method="GET")  # type: ignore[union-attr]
    except RequestRedirect:
        return True
    except HTTPException:
        return False
    return bool(local_path(path))


def _is_flat(fields: object) -> bool:
    return isinstance(fields, dict) and all(
        _is_text(value) or (isinstance(value, list) and all(_is_text(part) for part in value))
        for value in fields.values()
    )


def _is_text(value: object) -> bool:
    """A string that a database takes: half of a pair of UTF-16 units is none."""
    return isinstance(value, str) and not any("\ud800" <= c <= "\udfff" for c in value)

"""What was typed into a form: kept when it is refused, offered again when its page is opened again (promises C1, C2)."""

import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from flask import g, request

from desk import drafts, edge, language
from incidents.cases.models import Draft
from incidents.errors import BadFile, BadInput, Refusal, StateSecret

_LONGEST_NONCE = 60


@dataclass(frozen=True)
class Filled:
    """The values of a form (text, or a list for fields that may repeat), and a draft that is offered beside them."""

    values: dict[str, Any]
    draft: Draft | None = None


@dataclass(frozen=True)
class Refused:
    """Why a form was not saved: sentence by field ("" = the whole), and the answer's status."""

    errors: dict[str, str] = field(default_factory=dict)
    status: int = 200


@dataclass(frozen=True)
class Conflict:
    """A field that somebody else has changed meanwhile: what the form began with, what it says, what holds now."""

    name: str
    began_with: str
    mine: str
    latest: str


def sent(names: Iterable[str], lists: Iterable[str] = ()) -> dict[str, Any]:
    """The named fields of the form that was sent; what it holds besides is not looked at (promises S25)."""
    form = request.form
    return {name: form.get(name, "") for name in names} | {name: form.getlist(name) for name in lists}


def opened(path: str, initial: Mapping[str, Any]) -> Filled:
    """The form of ``path`` as its page opens: with ``?draft=1`` what was typed before, else ``initial`` and the draft."""
    draft = drafts.read(g.actor.id, drafts.key_of(path))
    if draft is None or request.args.get("draft") != "1":
        return Filled(dict(initial), draft)
    # A form number is never taken over: the form it belonged to may have been saved after all.
    kept = {name: draft.fields.get(name, "") for name in initial if name != "nonce"}
    lists = {name for name, value in initial.items() if isinstance(value, list)}
    return Filled(dict(initial) | {name: _as_list(v) if name in lists else _as_text(v) for name, v in kept.items()})


def refused(refusal: Refusal, path: str, values: Mapping[str, Any]) -> Refused:
    """The sentence for the form, and its text kept at the server – unless it bears a secrecy stamp (G10)."""
    try:
        drafts.keep(g.actor.id, drafts.key_of(path), values)
    except StateSecret as secret:
        return told(secret)
    return told(refusal)


def told(refusal: Refusal) -> Refused:
    name = refusal.field if isinstance(refusal, BadInput) else "photos" if isinstance(refusal, BadFile) else ""
    return Refused({name: refusal.text(language.current())}, edge.status_of(refusal))


def new_nonce() -> str:
    """Names one opening of a form, so that sending it twice is saving it once."""
    return secrets.token_urlsafe(12)


def source_key(nonce: str) -> str | None:
    """What makes a second sending of the same form the same; None when the form had no number of its own."""
    nonce = nonce.strip()[:_LONGEST_NONCE]
    return f"web:{g.actor.id}:{nonce}" if nonce else None


def _as_text(value: object) -> str:
    return str(value[0] if value else "") if isinstance(value, list) else str(value)


def _as_list(value: object) -> list[str]:
    return [str(part) for part in value] if isinstance(value, list) else [str(value)] if value else []

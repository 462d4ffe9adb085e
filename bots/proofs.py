"""What somebody has sent for a step so far, piece by piece: a row from the first piece on, until the step is done.

Kept as that member's draft under ``proof:<step id>``: words, a document, settled facts, and pictures, which are fetched
before the step is ticked. Nothing of it is the incident's until a verb takes it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import select, update

from incidents.cases.checks import checked_words
from incidents.cases.models import Draft, Step
from incidents.db import db, utc_now
from incidents.files import path_of
from incidents.telling.models import Prompt
from incidents.text import MAX_TEXT

PREFIX = "proof:"
ALBUM_COMPLETE = timedelta(seconds=2)  # pictures of one album arrive one by one; the step is done with all of them
AGAIN_AFTER = (30, 120, 600, 1500)  # seconds: five tries within the hour
_AT_ONCE = 4


@dataclass(frozen=True)
class Given:
    """The pieces as a verb takes them. ``pictures``: (name, content) each."""

    result: str = ""
    document: str = ""
    settled: Mapping[str, str] = field(default_factory=dict)
    pictures: tuple[tuple[str, bytes], ...] = ()

    @property
    def has_anything(self) -> bool:
        return bool(self.result or self.document or self.settled or self.pictures)


@dataclass(frozen=True)
class WantedPicture:
    """A picture that was sent for a step and is still to be fetched."""

    draft_id: int
    remote_id: str


def of(member_id: int, step: Step) -> Draft:
    """The member's pieces for this step, begun when there are none. Call inside a transaction."""
    key = f"{PREFIX}{step.id}"
    wanted = select(Draft).where(Draft.member_id == member_id, Draft.key == key)
    draft = db.session.scalar(wanted.with_for_update().execution_options(populate_existing=True))
    if draft is None:
        draft = Draft(member_id=member_id, key=key, fields={}, saved_at=utc_now())
        db.session.add(draft)
        db.session.flush()
    return draft


def by_id(draft_id: int) -> Draft | None:
    """The pieces, locked: two pictures of one album may be fetched at the same moment."""
    draft = db.session.get(Draft, draft_id, with_for_update=True, populate_existing=True)
    return draft if draft is not None and draft.key.startswith(PREFIX) else None


def step_of(draft: Draft) -> Step | None:
    return db.session.get(Step, int(draft.key.removeprefix(PREFIX)))


def add_words(draft: Draft, piece: str, words: str) -> None:
    """``piece``: result or document. Another line of proof is added to what is there; a document replaces it.

    Raises ``StateSecret``, or ``BadInput`` for what is too long.
    """
    if piece == "document":
        words = checked_words("document", words, 200)
    else:
        before = draft.fields.get("result", "")
        words = checked_words("result", f"{before}\n{words}" if before else words, MAX_TEXT)
    _keep(draft, {piece: words})


def add_settled(draft: Draft, name: str, value: str) -> None:
    _keep(draft, {"settled": {**draft.fields.get("settled", {}), name: value}})


def add_picture(draft: Draft, remote_id: str, message: str, *, in_album: bool) -> None:
    """A picture to be fetched. ``message``: names the message it came in."""
    fetch_at = utc_now() + (ALBUM_COMPLETE if in_album else timedelta())
    file = {"remote_id": remote_id, "message": message, "sha256": "", "tries": 0, "fetch_at": fetch_at.isoformat()}
    others = [one for one in _files(draft) if one["remote_id"] != remote_id]
    _keep(draft, {"files": [*({**one, "fetch_at": file["fetch_at"]} if in_album else one for one in others), file]})


def is_fetching(draft: Draft) -> bool:
    """Whether a picture is still on its way; the step waits for it."""
    return any(not file["sha256"] for file in _files(draft))


def first_message(draft: Draft) -> str:
    """The message of the first picture, "" when there is none."""
    return next((str(file["message"]) for file in _files(draft)), "")


def given(draft: Draft) -> Given:
    """Everything so far, pictures from the disk."""
    fields = draft.fields
    pictures = tuple(("", path_of(file["sha256"]).read_bytes()) for file in _files(draft) if file["sha256"])
    return Given(fields.get("result", ""), fields.get("document", ""), fields.get("settled", {}), pictures)


def end(draft: Draft) -> None:
    """The step took it, or it went elsewhere: nothing waits any more."""
    close_questions(draft)
    db.session.delete(draft)
    db.session.flush()


def close_questions(draft: Draft) -> None:
    """One thing is asked at a time: what was asked before for this step is not asked any more."""
    asked = Prompt.kind.startswith(f"{PREFIX}{draft.id}:")
    open_ones = update(Prompt).where(Prompt.member_id == draft.member_id, asked, Prompt.answered_at.is_(None))
    db.session.execute(open_ones.values(answered_at=utc_now()))


# Fetching


def due(now: datetime) -> list[WantedPicture]:
    """Pictures to be fetched now. Drafts of steps are few: they end with the step."""
    rows = db.session.scalars(select(Draft).where(Draft.key.startswith(PREFIX))).all()
    waiting = [
        WantedPicture(draft.id, file["remote_id"])
        for draft in rows
        for file in _files(draft)
        if not file["sha256"] and datetime.fromisoformat(file["fetch_at"]) <= now
    ]
    return waiting[:_AT_ONCE]


def is_wanted(draft: Draft, remote_id: str) -> bool:
    return any(file["remote_id"] == remote_id and not file["sha256"] for file in _files(draft))


def fetched(draft: Draft, remote_id: str, sha256: str) -> None:
    _change(draft, remote_id, sha256=sha256)


def failed_once_more(draft: Draft, remote_id: str) -> int:
    """Count a failed try and name the next. Returns how many there were, more than ``AGAIN_AFTER``: the last."""
    tries = next(int(file["tries"]) for file in _files(draft) if file["remote_id"] == remote_id) + 1
    wait = AGAIN_AFTER[min(tries, len(AGAIN_AFTER)) - 1]
    _change(draft, remote_id, tries=tries, fetch_at=(datetime.now(UTC) + timedelta(seconds=wait)).isoformat())
    return tries


def drop_picture(draft: Draft, remote_id: str) -> None:
    _keep(draft, {"files": [file for file in _files(draft) if file["remote_id"] != remote_id]})


def _files(draft: Draft) -> list[dict[str, Any]]:
    files: list[dict[str, Any]] = draft.fields.get("files", [])
    return files


def _change(draft: Draft, remote_id: str, **values: Any) -> None:
    _keep(draft, {"files": [f | values if f["remote_id"] == remote_id else f for f in _files(draft)]})


def _keep(draft: Draft, fields: Mapping[str, Any]) -> None:
    draft.fields, draft.saved_at = {**draft.fields, **fields}, utc_now()
    db.session.flush()

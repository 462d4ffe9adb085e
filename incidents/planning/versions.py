"""Versions of a playbook: drafted by some, approved by another, in force from a day, retired with a reason.

An active version is never changed, so that an incident can keep the one it runs. Of a playbook there is one draft.
"""

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import date
from typing import Any

from sqlalchemy import func, select, update

from incidents.db import db, take_turn, transaction, utc_now
from incidents.errors import BadInput, NotFound, StateSecret
from incidents.people import log
from incidents.people.members import today
from incidents.permissions import Actor, require
from incidents.planning import shelf
from incidents.planning.models import PlaybookVersion
from incidents.planning.refusals import BrokenPlaybook, DraftExists, OwnDraft
from incidents.planning.shelf import ACTIVE, DISCARDED, DRAFT, RETIRED
from incidents.planning.version_rows import draft_of, locked_draft, next_version, row_of
from incidents.text import clean, has_secrecy_stamp
from playbooks import writing
from playbooks.model import BadPlaybook, Playbook
from playbooks.shelf import FOLDER, UnknownPlaybook

LONGEST = 200_000  # characters of a playbook's text
_TURN = 7_302  # two who begin a draft of one playbook take turns
Change = Callable[[Playbook], str | Playbook]


def new_draft(actor: Actor, key: str, from_version: int | None = None) -> PlaybookVersion:
    """Begin a draft as a copy of ``from_version`` (what is in force today). Raises ``DraftExists``, ``NotFound``."""
    require(actor, "edit_playbook")
    with transaction():
        take_turn(_TURN)
        source = found(key, from_version)
        _refuse_second_draft(source)
        version = next_version(source.key)
        text = writing.as_toml(replace(source, version=version))
        return _added(actor, replace(source, version=version), text, based_on=source.version)


def save(actor: Actor, key: str, revision: int, content: str | Playbook) -> PlaybookVersion:
    """Put ``content`` (TOML, or a playbook) in place of the draft's. The whole of it is checked first.

    ``revision``: what the editor saw; after somebody else's save raises ``StaleDraft``. Raises ``BrokenPlaybook`` with
    file, line and what to do. Key, code and number of the version stay the draft's own.
    """
    return edit(actor, key, revision, lambda _: content)


def edit(actor: Actor, key: str, revision: int, change: Change) -> PlaybookVersion:
    """Load the draft, ``change`` it, check the whole and write it back. Raises as ``save`` does."""
    require(actor, "edit_playbook")
    with transaction():
        row = locked_draft(key, revision)
        content = change(shelf.parsed(row.toml, file_name(key)))
        playbook, text = checked(content, file_name(key), row.version)
        if playbook.key != row.key:
            raise BadInput("key", "Khóa của kịch bản không đổi được.", "The key of a playbook cannot be changed.")
        _refuse_taken_code(playbook)
        row.toml, row.changed_at, row.changed_by_id = text, utc_now(), actor.id
        row.editors = sorted({*row.editors, *_ids(actor)})
        db.session.flush()
        log.note(actor, "playbook.saved", _subject(row))
        return row


def discard(actor: Actor, key: str, revision: int) -> None:
    """Throw the draft away; lessons it had taken up may be taken up again. Raises ``NoDraft``, ``StaleDraft``."""
    require(actor, "edit_playbook")
    with transaction():
        row = locked_draft(key, revision)
        row.state = DISCARDED  # its number is never given again: an old form cannot meet a new draft
        db.session.flush()
        log.note(actor, "playbook.discarded", _subject(row))


def add_lessons(actor: Actor, key: str, lessons: Iterable[dict[str, Any]]) -> PlaybookVersion:
    """Lay lessons (id, incident, step, text, owner, due_on) beside the draft; begins one when there is none."""
    require(actor, "edit_playbook")
    with transaction():
        row = locked_draft(key, None) if draft_of(key) else new_draft(actor, key)
        row.lessons = [*row.lessons, *lessons]
        row.changed_at, row.changed_by_id = utc_now(), actor.id
        db.session.flush()
        log.note(actor, "playbook.lessons", _subject(row))
        return row


def approve(
    actor: Actor, key: str, document: str, in_force_from: date | None, *, revision: int | None = None
) -> PlaybookVersion:
    """Bring the draft into force from a local day on, by a document; from then on it is never changed.

    Nobody who has saved it approves it: ``OwnDraft``. ``revision``: what the approver read.
    """
    require(actor, "approve_playbook")
    document = _words("document", document, 200)
    if not document:
        raise BadInput("document", "Ghi số, ngày văn bản duyệt.", "Give number and date of the approving document.")
    if in_force_from is None or in_force_from < today():
        sentence = "Ngày có hiệu lực là hôm nay hoặc ngày sau.", "It comes into force today or on a later day."
        raise BadInput("in_force_from", *sentence)
    with transaction():
        row = locked_draft(key, revision)
        if actor.id is not None and actor.id in row.editors:
            raise OwnDraft
        take_turn(_TURN)
        playbook, _ = checked(row.toml, file_name(key), row.version)
        _refuse_taken_code(playbook)
        row.state, row.document, row.in_force_from = ACTIVE, document, in_force_from
        row.approved_by_id, row.approved_at = actor.id, utc_now()
        db.session.flush()
        log.note(actor, "playbook.approved", _subject(row))
    shelf.forget()
    return row


def retire(actor: Actor, key: str, version: int, reason: str) -> PlaybookVersion:
    """From now on this version is not started any more; incidents that run it keep it. A reason is needed."""
    require(actor, "approve_playbook")
    reason = _words("reason", reason, 500)
    if not reason:
        raise BadInput("reason", "Ghi lý do ngừng dùng.", "Say why it is retired.")
    with transaction():
        take_turn(_TURN)
        row = row_of(key, version, locked=True)
        row = row or _of_shipped(key, version)
        if row.state != ACTIVE:
            sentence = "Bản này không còn dùng, hoặc chưa được duyệt.", "It is retired already, or not approved yet."
            raise BadInput("version", *sentence)
        row.state, row.retire_reason = RETIRED, reason
        row.retired_by_id, row.retired_at = actor.id, utc_now()
        db.session.flush()
        log.note(actor, "playbook.retired", _subject(row))
    shelf.forget()
    return row


def import_toml(actor: Actor, text: str, name: str) -> PlaybookVersion:
    """A file becomes a draft: of the playbook whose key it bears, or of a new one. Nothing of a broken file is kept.

    Raises ``BrokenPlaybook`` with file, line and what to do, ``DraftExists``.
    """
    require(actor, "edit_playbook")
    name = clean(name).strip()[:100] or "kich-ban.toml"
    read, _ = checked(text, name)
    with transaction():
        take_turn(_TURN)
        _refuse_second_draft(read)
        _refuse_taken_code(read)
        version = next_version(read.key)
        playbook, kept = checked(text, name, version)
        return _added(actor, playbook, kept, based_on=max(0, version - 1))


def export(actor: Actor, key: str, version: int) -> tuple[str, str]:
    """(file name, TOML) of any version, a draft too. A shipped file comes as it is written, with its remarks."""
    require(actor, "read_planning")
    row = row_of(key, version)
    name = f"{key}-v{version}.toml"
    if row is not None:
        return name, row.toml
    playbook = found(key, version)
    path = FOLDER / file_name(key)
    if path.exists() and shelf.parsed(text := path.read_text("utf-8"), path.name).version == version:
        return name, text
    return name, writing.as_toml(playbook)


def playbook_of(row: PlaybookVersion) -> Playbook:
    """The playbook in a row. Raises ``BrokenPlaybook`` when a later release of the desk does not know it any more."""
    return checked(row.toml, file_name(row.key), row.version)[0]


def found(key: str, version: int | None = None) -> Playbook:
    """The playbook of an approved version, or what is in force today. Raises ``NotFound``."""
    try:
        return shelf.get(key, version)
    except UnknownPlaybook as error:
        raise NotFound(what=key) from error


def checked(content: str | Playbook, name: str, version: int | None = None) -> tuple[Playbook, str]:
    """``content`` as playbook and text, with this number. Raises ``BrokenPlaybook``; refuses a secrecy stamp."""
    text = content if isinstance(content, str) else writing.as_toml(content)
    if len(text) > LONGEST:
        raise BadInput("toml", "Tệp quá dài: kịch bản tối đa 200.000 ký tự.", "At most 200,000 characters.")
    if has_secrecy_stamp(text):
        raise StateSecret
    try:
        playbook = shelf.parsed(text, name)
        if version is not None and playbook.version != version:
            playbook = replace(playbook, version=version)
            text = writing.as_toml(playbook)
    except BadPlaybook as fault:
        raise BrokenPlaybook(fault) from fault
    return playbook, text


def file_name(key: str) -> str:
    """The name that refusals give to a text without a file."""
    return f"{key}.toml"


def _added(actor: Actor, playbook: Playbook, text: str, *, based_on: int) -> PlaybookVersion:
    now = utc_now()
    row = PlaybookVersion(
        key=playbook.key,
        version=playbook.version,
        state=DRAFT,
        toml=text,
        based_on=based_on,
        lessons=[],
        created_by_id=actor.id,
        created_at=now,
        changed_by_id=actor.id,
        changed_at=now,
        editors=_ids(actor),
    )
    before = db.session.scalar(select(func.max(PlaybookVersion.revision)).where(PlaybookVersion.key == playbook.key))
    db.session.add(row)
    db.session.flush()
    if before:  # revisions count on from draft to draft, so that a form of a discarded one never fits the next
        db.session.execute(update(PlaybookVersion).where(PlaybookVersion.id == row.id).values(revision=before + 1))
        db.session.refresh(row)
    log.note(actor, "playbook.drafted", _subject(row))
    return row


def _of_shipped(key: str, version: int) -> PlaybookVersion:
    """A shipped version gets a row when something is to be said of it."""
    playbook, now = found(key, version), utc_now()
    row = PlaybookVersion(
        key=key,
        version=version,
        state=ACTIVE,
        toml=writing.as_toml(playbook),
        lessons=[],
        editors=[],
        created_at=now,
        changed_at=now,
        in_force_from=playbook.valid_from,
    )
    db.session.add(row)
    return row


def _refuse_second_draft(playbook: Playbook) -> None:
    if (row := draft_of(playbook.key)) is not None:
        raise DraftExists(code=playbook.code, version=row.version)


def _refuse_taken_code(playbook: Playbook) -> None:
    """People name a playbook by its code: two keys must not share one."""
    others = {held.playbook.code: held.key for held in shelf.all_versions() if held.playbook}
    if others.get(playbook.code, playbook.key) != playbook.key:
        vi = f"Mã {playbook.code} là của kịch bản khác."
        raise BadInput("code", vi, f"The code {playbook.code} belongs to another playbook.")


def _words(field: str, typed: str, most: int) -> str:
    words = clean(typed).strip()
    if len(words) > most:
        raise BadInput(field, f"Dài không quá {most} ký tự.", f"At most {most} characters.")
    return words


def _ids(actor: Actor) -> list[int]:
    return [actor.id] if actor.id is not None else []


def _subject(row: PlaybookVersion) -> str:
    return f"playbook:{row.key}:{row.version}"

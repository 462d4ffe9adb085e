"""When somebody expects to be done: a time in the reply to "Đã nhận việc", or with the words of accepting."""

import re
from datetime import datetime, timedelta

from bots.telegram.conversations import cards
from bots.turn import Turn
from bots.wording import say, shape
from incidents.cases import expecting
from incidents.cases.visibility import get
from incidents.db import db, utc_now
from incidents.telling.models import Prompt
from incidents.text import clean, fold
from playbooks.worktime import ZONE

_CLOCK = re.compile(r"(?<![\d:])([01]?\d|2[0-3]) ?(?::|h|giờ|gio) ?([0-5]\d)?(?![\d:])", re.IGNORECASE)
_DAY = re.compile(r"(?<!\d)(\d{1,2})/(\d{1,2})(?![\d/])")
_FROM_NOW = re.compile(
    r"(?<!\d)(?:(\d{1,2}) ?(?:h|giờ|gio|tiếng|tieng|hours?|hrs?))? ?(?:(\d{1,3}) ?(?:phút|phut|ph|p|minutes?|min)?)? ?"
    r"(?:nữa|nua|from now)",
    re.IGNORECASE,
)
_IN = re.compile(r"^in (\d{1,3}) ?(h|hours?|min|minutes?)$", re.IGNORECASE)
_FILLERS = frozenset(
    fold(
        "khoảng dự kiến xong lúc trước vào ngày mai hôm nay có kết quả tầm chắc là nhé ạ by at about expected done"
    ).split(" ")
)
_ACCEPTING = re.compile(
    r"\s*(?:(?:nhận|nhan)(?: việc| viec)?\s*[,.;:–-]|(?:nhận việc|nhan viec))\s+(\S.*)", re.IGNORECASE | re.DOTALL
)


def time_in(text: str, now: datetime) -> datetime | None:
    """The time that was said, aware UTC: ``04:30``, ``4h30``, ``4 giờ``, ``04:30 25/11``, ``2 giờ nữa``; None without one.

    A time of day that is over is tomorrow's.
    """
    if spoken := _IN.match(text.strip()):
        amount = int(spoken[1])
        return now + (timedelta(hours=amount) if spoken[2].lower().startswith("h") else timedelta(minutes=amount))
    for found in _FROM_NOW.finditer(text):
        if found[1] or found[2]:
            return now + timedelta(hours=int(found[1] or 0), minutes=int(found[2] or 0))
    clock = _CLOCK.search(text)
    return _next_at(clock, text, now) if clock else None


def _next_at(clock: re.Match[str], text: str, now: datetime) -> datetime | None:
    local = now.astimezone(ZONE)
    at = local.replace(hour=int(clock[1]), minute=int(clock[2] or 0), second=0, microsecond=0)
    day = _DAY.search(text)
    if day is not None:
        try:
            at = at.replace(day=int(day[1]), month=int(day[2]))
        except ValueError:
            return None
        at = at.replace(year=at.year + 1) if at < local - timedelta(days=180) else at
    elif "mai" in fold(text).split() or at <= local:
        at += timedelta(days=1)
    return at.astimezone(now.tzinfo)


def is_only_a_time(text: str, now: datetime) -> bool:
    """Whether nothing but a time was said: then it needs no quoting to be understood."""
    if time_in(text, now) is None:
        return False
    rest = _CLOCK.sub(" ", _FROM_NOW.sub(" ", _DAY.sub(" ", text)))
    return bool(_IN.match(text.strip())) or set(fold(rest).split()) <= _FILLERS


def said(turn: Turn, prompt: Prompt) -> bool:
    """A reply with a time, words, or both. False: not meant for this question."""
    heard, now = turn.heard, utc_now()
    quoted = bool(heard.reply_to) and heard.reply_to == prompt.message_id
    if heard.file is not None or not heard.text.strip() or not (quoted or is_only_a_time(heard.text, now)):
        return False
    incident, at = get(turn.actor, prompt.incident_id or 0), time_in(heard.text, now)
    note = "" if is_only_a_time(heard.text, now) else clean(heard.text)
    expecting.expect(turn.actor, incident.code, note=note, expected_at=at)
    prompt.answered_at = now
    what = [say("accept.by", turn.lang, at=shape.due_time(at, now))] if at else []
    what += [say("accept.words", turn.lang)] if note else []
    turn.answer("accept.noted", incident_id=incident.id, code=incident.code, what=", ".join(what))
    return True


def accepts_with_words(turn: Turn, prompt: Prompt) -> bool:
    """ "nhận, 15:00 có kết quả" in reply to a card: accepted, with the time and the words. False: nothing of the kind."""
    found = _ACCEPTING.fullmatch(turn.heard.text)
    if found is None or prompt.incident_id is None or turn.heard.file is not None:
        return False
    if not any(action == "accept" for _, action, _ in prompt.options):
        return False
    at = time_in(found[1], utc_now())
    if at is None and turn.heard.reply_to != prompt.message_id:
        return False  # "nhận" begins many a report; without a time and without quoting the card it is one
    cards.accept_with(turn, get(turn.actor, prompt.incident_id), note=clean(found[1]), expected_at=at)
    db.session.flush()
    return True

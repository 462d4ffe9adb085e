"""Commands (bot.md 3): with or without the slash, accents and capitals; an unknown one is said to be unknown."""

from collections.abc import Callable

from sqlalchemy import select

from bots import facts as fresh
from bots.telegram.conversations import cards, duty, quick_report
from bots.turn import Turn
from bots.wording import say, shape
from bots.wording.cards import IncidentFacts, title
from incidents.cases import quick_reports
from incidents.cases.codes import like_code
from incidents.cases.models import Incident
from incidents.cases.visibility import visible
from incidents.db import db, utc_now
from incidents.people import members
from incidents.text import fold
from incidents.vocabulary import QuickReportState

MENU = (
    ("baocao", "Báo nhanh"),
    ("viec", "Việc và bước của tôi"),
    ("truc", "Ai đang trực, ai kế tiếp"),
    ("sk", "Tình trạng một sự việc: /sk mã"),
    ("nhan", "Nhận việc: /nhan mã"),
    ("tat", "Bỏ câu hỏi đang chờ"),
    ("lang", "Ngôn ngữ: /lang vi hoặc en"),
    ("help", "Hướng dẫn"),
)
_LISTED, _LOOKED_AT = 8, 40
Command = Callable[[Turn, str], None]


def command(turn: Turn) -> None:
    """A message that begins with a slash."""
    name, _, argument = turn.heard.text.strip().partition(" ")
    run = _COMMANDS.get(fold(name.split("@")[0]).replace(" ", ""))
    if run is None:
        turn.answer("what")
    else:
        run(turn, argument.strip())


def without_slash(text: str) -> tuple[Command, str] | None:
    """The command somebody meant who left out the slash: only when nothing else can be meant."""
    words = text.split()
    for length in (2, 1):
        name, argument = fold(" ".join(words[:length])), " ".join(words[length:])
        if name in _WITH_CODE and like_code(argument):
            return _WITH_CODE[name], argument
    return (_ALONE[fold(text)], "") if fold(text) in _ALONE else None


def _help(turn: Turn, argument: str) -> None:
    turn.answer("help")


def _report(turn: Turn, argument: str) -> None:
    if quick_report.is_noise(argument):
        quick_report.ask_for_one(turn)
    else:
        quick_report.store(turn, argument)


def _incident(turn: Turn, argument: str) -> None:
    if argument:
        cards.show_code(turn, argument)
    else:
        turn.answer("work.code")


def _accept(turn: Turn, argument: str) -> None:
    argument = argument.removeprefix("việc ").removeprefix("viec ")
    if argument:
        cards.accept_code(turn, argument)
    else:
        turn.answer("work.code")


def _drop(turn: Turn, argument: str) -> None:
    """Questions end, stored things stay; what was being asked about goes to duty now instead of in three minutes."""
    numbers = []
    for report_id in quick_report.close_questions(turn):
        report = quick_reports.get(turn.actor, report_id)
        numbers.append(report.number)
        if report.state == QuickReportState.asked:
            quick_reports.tell_duty(turn.actor, report)
    turn.answer("ask.cancel", number=f": {', '.join(numbers)}" if numbers else "")


def _language(turn: Turn, argument: str) -> None:
    if argument.lower() not in ("vi", "en"):
        turn.answer("lang.which")
        return
    members.set_preferences(turn.actor, lang=argument.lower())
    turn.answer("lang.done")


def _id(turn: Turn, argument: str) -> None:
    turn.answer("id", id=turn.heard.chat)


def _work(turn: Turn, argument: str) -> None:
    """What waits for this member: offers first, then steps, soonest due first; a number shows the incident."""
    waiting = [facts for facts in _visible(turn) if facts.may_accept or facts.step][:_LISTED]
    if not waiting:
        turn.answer("work.none")
        return
    lines = [
        say("work.line", turn.lang, n=n, code=f.code, title=title(f, turn.lang), what=_what(f, turn.lang))
        for n, f in enumerate(waiting, start=1)
    ]
    options = [(str(n), "summary", f"{f.code}|{f.code}") for n, f in enumerate(waiting, start=1)]
    turn.answer("work.list", ask="work", options=options, lines=shape.plain("\n".join(lines)))


def _visible(turn: Turn) -> list[IncidentFacts]:
    wanted = select(Incident).where(Incident.is_open, visible(turn.actor))
    soonest = wanted.order_by(Incident.next_due_at.is_(None), Incident.next_due_at, Incident.id).limit(_LOOKED_AT)
    return [fresh.of_incident(incident, turn.actor) for incident in db.session.scalars(soonest)]


def _what(facts: IncidentFacts, lang: str) -> str:
    if facts.may_accept or facts.step is None:
        return say("work.accept", lang)
    now, due_at = utc_now(), facts.step.due_at
    due = f" · {shape.due_time(due_at, now)} {shape.left(due_at, now, lang)}" if due_at else ""
    return say("work.step", lang, position=facts.step.position, due=due)


_COMMANDS: dict[str, Command] = {
    "help": _help,
    "baocao": _report,
    "baonhanh": _report,
    "sk": _incident,
    "viec": _work,
    "truc": duty.show,
    "nhan": _accept,
    "tat": _drop,
    "lang": _language,
    "id": _id,
}
_WITH_CODE: dict[str, Command] = {"sk": _incident, "xem": _incident, "nhan": _accept, "nhan viec": _accept}
_ALONE: dict[str, Command] = {
    "viec": _work,
    "truc": duty.show,
    "ai truc": duty.show,
    "help": _help,
    "huong dan": _help,
    "bao nhanh": _report,
    "tat": _drop,
}

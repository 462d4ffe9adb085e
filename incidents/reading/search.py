"""Finding incidents by words: accents optional, exact marks first, codes as people type them."""

from sqlalchemy import ColumnElement, Integer, case, column, func, literal, literal_column, or_, text

from incidents.cases.codes import like_code
from incidents.cases.models import Incident
from incidents.db import db
from incidents.text import fold, lowered

MAX_WORDS = 12


def matches(typed: str) -> ColumnElement[bool]:
    """Incidents that hold every word typed (the last one may be unfinished), or whose code it is."""
    words = fold(typed).split()[:MAX_WORDS]
    codes = [Incident.code.like(pattern) for pattern in like_code(typed)]
    if not words:
        return or_(*codes) if codes else literal(False)
    return or_(_has_words(words), *codes)


def _has_words(words: list[str]) -> ColumnElement[bool]:
    """Folded words are letters and digits only, so that nothing typed is ever an operator of the index."""
    if db.session.get_bind().dialect.name == "postgresql":
        query = " & ".join([*words[:-1], f"{words[-1]}:*"])
        vector = func.to_tsvector(literal_column("'simple'"), Incident.folded)
        return vector.op("@@")(func.to_tsquery(literal_column("'simple'"), query))
    query = " ".join([*(f'"{word}"' for word in words[:-1]), f'"{words[-1]}"*'])
    rows = text("SELECT rowid FROM incident_words WHERE incident_words MATCH :words").bindparams(words=query)
    return Incident.id.in_(rows.columns(column("rowid", Integer)))


def exactness(typed: str) -> ColumnElement[int]:
    """1 where the words stand with their marks as typed, else 0: "đường" ranks before "dương"."""
    wanted = f"%{lowered(typed)}%"
    return case((Incident.marked.like(wanted), 1), else_=0)

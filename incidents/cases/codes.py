"""Public codes: SK-2026-0123, TG-2026-0045, DT-2026-0007 of a drill, BN-0412 of a quick report."""

import re
from datetime import datetime

from sqlalchemy.dialects import postgresql, sqlite

from incidents.cases.models import CodeCounter
from incidents.db import db
from incidents.vocabulary import Kind
from playbooks.worktime import ZONE


def new_code(kind: str, at: datetime, *, exercise: bool) -> str:
    """The next code, by the kind at opening and the local year; it never changes when the kind does (domain 4.1)."""
    prefix = "DT" if exercise else "TG" if kind == Kind.suspected_false else "SK"
    key = f"{prefix}-{at.astimezone(ZONE).year}"
    return f"{key}-{_next(key):04d}"


def new_receipt() -> str:
    """The next receipt number of a quick report."""
    return f"BN-{_next('BN'):04d}"


def _next(key: str) -> int:
    """One statement, so that two writers on PostgreSQL wait for each other instead of taking the same number."""
    dialect = db.session.get_bind().dialect.name
    insert = postgresql.insert if dialect == "postgresql" else sqlite.insert
    statement = (
        insert(CodeCounter)
        .values(key=key, last=1)
        .on_conflict_do_update(index_elements=["key"], set_={"last": CodeCounter.last + 1})
        .returning(CodeCounter.last)
    )
    return int(db.session.execute(statement).scalar_one())


_LONGEST_TYPED = 40
_TYPED = re.compile(r"^\s*(SK|TG|DT)?[\s\-_]*(?:(\d{4})[\s\-_]+)?0*(\d{1,6})\s*$", re.IGNORECASE)
_GLUED = re.compile(r"^\s*(SK|TG|DT)[\s\-_]*(\d{4})[\s\-_]*(\d{4})\s*$", re.IGNORECASE)


def like_code(text: str) -> list[str]:
    """SQL LIKE patterns for a code as people type it ("sk 123", "TG20260045", "2026-0123"); empty when it is none."""
    if len(text) > _LONGEST_TYPED:
        return []
    if glued := _GLUED.match(text):
        return [f"{glued[1].upper()}-{glued[2]}-{int(glued[3]):04d}"]
    if typed := _TYPED.match(text):
        prefix, year, number = typed.groups()
        prefixes = [prefix.upper()] if prefix else ["SK", "TG", "DT"]
        return [f"{p}-{year or '____'}-{int(number):04d}" for p in prefixes]
    return []

"""How commands read settings, act as somebody, print, and refuse."""

import functools
import json
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, NoReturn

import click
from flask import Flask
from sqlalchemy.exc import OperationalError, ProgrammingError

from desk import create_app, settings
from incidents.db import db
from incidents.errors import Refusal
from incidents.people import members
from incidents.permissions import Actor
from incidents.vocabulary import Source
from playbooks.worktime import ZONE


def lang() -> str:
    """Vietnamese, unless the shell speaks English."""
    return "en" if os.environ.get("LANG", "").lower().startswith("en") else "vi"


def refuse(sentence: str) -> NoReturn:
    """One line on standard error, exit 1."""
    click.echo(" ".join(sentence.split()), err=True)
    sys.exit(1)


def read_settings() -> settings.Settings:
    try:
        return settings.read()
    except settings.BadSetting as error:
        refuse(str(error))


def app() -> Flask:
    return create_app(read_settings())


def speaks(function: Callable[..., Any]) -> Callable[..., Any]:
    """A command inside the desk's context, with ``--json``; what it returns is printed.

    A mapping or a list of them is printed as it is with ``--json``; else ``text`` (or a table) is.
    """

    @click.option("--json", "as_json", is_flag=True, help="print JSON")
    @functools.wraps(function)
    def command(*args: Any, as_json: bool, **options: Any) -> None:
        try:
            with app().app_context():
                try:
                    result = function(*args, **options)
                finally:
                    db.session.remove()
                    db.engine.dispose()
        except Refusal as refusal:
            refuse(refusal.text(lang()))
        except (OperationalError, ProgrammingError) as error:
            refuse(f"The database does not answer as it should, was `desk init` run? ({_first_line(error)})")
        _print(result, as_json)

    return command


def _first_line(error: OperationalError | ProgrammingError) -> str:
    return str(error.orig).splitlines()[0]


def _print(result: Any, as_json: bool) -> None:
    if result is None:
        return
    if as_json:
        click.echo(json.dumps(result, ensure_ascii=False, default=_plain))
    elif isinstance(result, Mapping):
        for key, value in result.items():
            click.echo(f"{key}: {_text(value)}")
    else:
        _table(result)


def _table(rows: Sequence[Mapping[str, Any]]) -> None:
    for row in rows:
        click.echo("  ".join(_text(value) for value in row.values()))


def _plain(value: object) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)


def _text(value: object) -> str:
    if isinstance(value, datetime):
        return value.astimezone(ZONE).strftime("%d/%m/%Y %H:%M")
    if isinstance(value, list | tuple):
        return ", ".join(map(str, value)) or "-"
    return "-" if value in (None, "") else str(value)


def acting(username: str) -> Actor:
    """The member a command acts as; the same rights as on the web."""
    return members.actor_of(members.by_username(username), Source.cli)


by_option = click.option("--by", "username", required=True, metavar="USERNAME", help="the member who acts")


def local_time(text: str | None) -> datetime | None:
    """A time as typed: ISO, or ``dd/mm/yyyy hh:mm`` in Asia/Ho_Chi_Minh."""
    if not text:
        return None
    for form in ("%d/%m/%Y %H:%M", "%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M"):
        try:
            return datetime.strptime(text, form).replace(tzinfo=ZONE)
        except ValueError:
            continue
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise click.BadParameter(f"{text!r} is no time such as 23/11/2026 02:14") from None
    return at if at.tzinfo else at.replace(tzinfo=ZONE)

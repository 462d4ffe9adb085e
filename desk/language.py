"""The desk's two languages. Vietnamese is written in the code and templates; English stands in one catalogue.

The catalogue (``desk/english.po``) is read by Babel at start; a text without English shows its Vietnamese.
"""

import gettext
from functools import lru_cache
from io import BytesIO
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from flask import Flask, g, has_request_context, request


@lru_cache(maxsize=1)
def english() -> gettext.NullTranslations:
    with (Path(__file__).parent / "english.po").open("rb") as file:
        catalogue = read_po(file, locale="en")
    compiled = BytesIO()
    write_mo(compiled, catalogue)
    compiled.seek(0)
    return gettext.GNUTranslations(compiled)


def current() -> str:
    """ "vi" or "en": the member's choice, else the cookie of the sign-in page, else Vietnamese."""
    if not has_request_context():
        return "vi"
    actor = g.get("actor")
    if actor is not None:
        return str(actor.lang)
    return "en" if request.cookies.get("lang") == "en" else "vi"


def _(text: str) -> str:
    return english().gettext(text) if current() == "en" else text


def _plural(one: str, many: str, n: int) -> str:
    return english().ngettext(one, many, n) if current() == "en" else many


def init_app(app: Flask) -> None:
    app.jinja_env.add_extension("jinja2.ext.i18n")
    app.jinja_env.install_gettext_callables(_, _plural, newstyle=True)  # type: ignore[attr-defined]

"""English is the complete second language: every text of the desk stands in the catalogue, with the same placeholders."""

import ast
import re
from pathlib import Path

import pytest
from babel.messages.pofile import read_po
from jinja2 import Environment

DESK = Path(__file__).parents[2] / "desk"
VIETNAMESE = re.compile("[ăâđêôơưạảấầẩẫậắằẳẵặẹẻẽếềểễệỉịọỏốồổỗộớờởỡợụủứừửữựỳỵỷỹ]", re.IGNORECASE)


def texts_of_code() -> set[str]:
    """Every text given to ``_`` in Python, inside f-strings too."""
    found = set()
    for path in DESK.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "_":
                assert isinstance(node.args[0], ast.Constant), f"{path.name}: _() wants a plain text"
                found.add(node.args[0].value)
    return found


def texts_of_templates() -> set[str]:
    env = Environment(extensions=["jinja2.ext.i18n"], autoescape=True)
    return {
        text
        for path in DESK.rglob("templates/**/*.html")
        for _line, _name, text in env.extract_translations(path.read_text("utf-8"))
        if isinstance(text, str)
    }


def catalogue() -> dict[str, str]:
    with (DESK / "english.po").open("rb") as file:
        return {str(message.id): str(message.string) for message in read_po(file, locale="en") if message.id}


def test_every_text_of_the_desk_has_its_english() -> None:
    english = catalogue()
    missing = [text for text in sorted(texts_of_code() | texts_of_templates()) if not english.get(text)]
    assert missing == []


def test_the_catalogue_holds_nothing_that_is_not_said_any_more() -> None:
    assert sorted(catalogue().keys() - texts_of_code() - texts_of_templates()) == []


@pytest.mark.parametrize(("vietnamese", "english"), sorted(catalogue().items()))
def test_a_translation_keeps_the_placeholders_and_is_english(vietnamese: str, english: str) -> None:
    assert sorted(re.findall(r"\{\w*\}", vietnamese)) == sorted(re.findall(r"\{\w*\}", english))
    assert not VIETNAMESE.search(english)
    assert "!" not in english


def test_a_template_says_nothing_outside_the_catalogue() -> None:
    """Vietnamese words stand only inside ``_( )``, comments, and the name of the language itself."""
    for path in DESK.rglob("templates/**/*.html"):
        text = re.sub(r"\{#.*?#\}", "", path.read_text("utf-8"), flags=re.DOTALL)
        text = (
            re.sub(r'_\("(?:[^"\\]|\\.)*"\)', "", text).replace("Tiếng Việt", "").replace("NĐ 328/2026/NĐ-CP Đ.5.1", "")
        )
        found = [line.strip() for line in text.splitlines() if VIETNAMESE.search(line)]
        assert found == [], path.name

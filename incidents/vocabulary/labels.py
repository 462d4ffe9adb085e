"""A label is (Vietnamese, English); how a stored word is shown."""

from collections.abc import Mapping

Label = tuple[str, str]


def label(table: Mapping[str, Label] | Mapping[int, Label], key: object, lang: str = "vi") -> str:
    """The label of ``key`` in ``lang`` ("vi" or "en"); a key the table does not know is shown as it is."""
    found = table.get(key)  # type: ignore[call-overload]
    return str(key) if found is None else str(found[0 if lang == "vi" else 1])

"""The organisation as data: which agencies there are, from when to when, who succeeds whom, who verifies what.

A pack states what it knows (``packs/2023.toml``, ``packs/2025.toml``); communes come from a CSV the province supplies.
Nothing here touches the database.
"""

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path
from types import MappingProxyType
from typing import Any

from incidents.people.commune_csv import COMMUNE_COLUMNS, place, read_communes
from incidents.people.pack_rows import SELECTORS, AgencyRow, BrokenPack, FunctionRow, Pack, UnknownPack
from incidents.vocabulary import AgencyType

__all__ = [
    "COMMUNE_COLUMNS",
    "PACK_KEYS",
    "SELECTORS",
    "AgencyRow",
    "BrokenPack",
    "FunctionRow",
    "Pack",
    "UnknownPack",
    "add_communes",
    "read",
    "read_communes",
]

PACK_KEYS = ("2023", "2025")
_FOLDER = Path(__file__).with_name("packs")


def read(key: str) -> Pack:
    """The pack ``key``, complete: what it builds on with its ends applied, its own rows, its communes and their police.

    Raises UnknownPack, or BrokenPack when its file refers to something that is not there.
    """
    if key not in PACK_KEYS:
        raise UnknownPack(key=key, known=", ".join(PACK_KEYS))
    raw = tomllib.loads((_FOLDER / f"{key}.toml").read_text("utf-8"))
    before = read(raw["builds_on"]).agencies if "builds_on" in raw else ()
    pack = build(raw, before)
    if "communes" in raw:
        rows, problems = read_communes((_FOLDER / raw["communes"]).read_bytes())
        if problems:
            raise BrokenPack(f"{raw['communes']}: {'; '.join(problems)}")
        pack = add_communes(pack, rows)
    _check(pack)
    return pack


def add_communes(pack: Pack, rows: Iterable[AgencyRow]) -> Pack:
    """The pack with these rows of ``read_communes``; a row whose code is known takes the place of the old one.

    A commune that starts after its former district ended becomes a successor of it; one that lived beside it has it
    as its parent.
    """
    agencies = {row.code: row for row in pack.agencies}
    districts = {place(row.name): row.code for row in pack.agencies if row.type == AgencyType.district}
    for row in rows:
        agencies[row.code] = row
        if row.type != AgencyType.commune or place(row.former_district) not in districts:
            continue
        district = agencies[districts[place(row.former_district)]]
        if district.valid_to is None or row.valid_from <= district.valid_to:
            agencies[row.code] = replace(row, parent=district.code)
        else:
            heirs = dict.fromkeys((*district.successors, (row.code, "")))
            agencies[district.code] = replace(district, successors=tuple(heirs))
    return replace(pack, agencies=tuple(agencies.values()))


def build(raw: Mapping[str, Any], before: Iterable[AgencyRow] = ()) -> Pack:
    """The pack of one parsed file over the rows it builds on; communes not yet added, references not yet checked.

    Raises BrokenPack for an unknown field or type, a code used twice, or an end of an agency that is not there.
    """
    agencies = {row.code: row for row in before}
    start: date | None = raw.get("valid_from")
    try:
        for change in (*raw.get("ended", ()), *raw.get("changed", ())):
            agencies[change["code"]] = replace(agencies[change["code"]], **_typed(change))
        for entry in raw["agencies"]:
            if entry["code"] in agencies:
                raise BrokenPack(f"{entry['code']} twice")
            agencies[entry["code"]] = AgencyRow(**_dated(_typed(entry), start))
        return Pack(
            key=raw["key"],
            name=raw["name"],
            agencies=tuple(agencies.values()),
            functions=tuple(FunctionRow(**_dated(entry, start)) for entry in raw["functions"]),
            verifying=MappingProxyType({category: tuple(codes) for category, codes in raw["verifying"].items()}),
        )
    except (KeyError, TypeError, ValueError) as fault:
        raise BrokenPack(f"pack {raw.get('key', '?')}: {fault}") from fault


def _dated(entry: Mapping[str, Any], start: date | None) -> dict[str, Any]:
    return dict(entry) if start is None else {"valid_from": start, **entry}


def _typed(entry: Mapping[str, Any]) -> dict[str, Any]:
    values = dict(entry)
    if "type" in values:
        values["type"] = AgencyType(values["type"])
    if "aliases" in values:
        values["aliases"] = tuple(values["aliases"])
    if "successors" in values:
        values["successors"] = tuple((heir["code"], heir.get("note", "")) for heir in values["successors"])
    return values


def _check(pack: Pack) -> None:
    """Raise BrokenPack unless every code referred to is a code of the pack."""
    used = {row.parent for row in pack.agencies if row.parent}
    used |= {code for row in pack.agencies for code, _ in row.successors}
    used |= {row.agency for row in pack.functions}
    used |= {code for codes in pack.verifying.values() for code in codes if code not in SELECTORS}
    if unknown := used - {row.code for row in pack.agencies}:
        raise BrokenPack(f"pack {pack.key}: no such agency: {', '.join(sorted(unknown))}")

"""Agencies as data with validity dates: loading a pack, and who is what on a day."""

from collections.abc import Sequence
from datetime import date

from sqlalchemy import or_, select

from incidents.db import db, transaction
from incidents.people import packs
from incidents.people.models import Agency, AgencyFunction, AgencySuccession, VerifyingAgency
from incidents.text import fold
from incidents.vocabulary import OUTSIDE_AGENCY_TYPES


def load_pack(key: str) -> int:
    """Load a pack (domain 2.2, 2.3); loading again changes only what differs. Returns how many agencies it names.

    An agency a later pack does not name is left as it is: nothing is deleted.
    """
    pack = packs.read(key)
    with transaction():
        present = {agency.code: agency for agency in db.session.scalars(select(Agency))}
        for row in pack.agencies:
            _save(present, row)
        db.session.flush()
        _save_successions(present, pack)
        _save_functions(present, pack)
        _save_verifying(pack)
    return len(pack.agencies)


def _save(present: dict[str, Agency], row: packs.AgencyRow) -> None:
    agency = present.get(row.code)
    if agency is None:
        agency = present[row.code] = Agency(code=row.code)
        db.session.add(agency)
    for field in (
        "name", "short_name", "type", "parent", "valid_from", "valid_to", "default_member", "in_plan", "confidence",
        "former_district", "public_site", "office_phone", "office_email", "admin_code",
    ):  # fmt: skip
        setattr(agency, field, getattr(row, field))
    agency.aliases = list(row.aliases)
    agency.folded = fold(" | ".join((row.name, row.short_name, row.former_district, *row.aliases)))


def _save_successions(present: dict[str, Agency], pack: packs.Pack) -> None:
    known = {(s.agency_id, s.successor_id) for s in db.session.scalars(select(AgencySuccession))}
    for row in pack.agencies:
        for code, note in row.successors:
            pair = (present[row.code].id, present[code].id)
            if pair not in known:
                db.session.add(AgencySuccession(agency_id=pair[0], successor_id=pair[1], note=note))


def _save_functions(present: dict[str, Agency], pack: packs.Pack) -> None:
    known = {(f.function, f.agency_id, f.valid_from): f for f in db.session.scalars(select(AgencyFunction))}
    for row in pack.functions:
        key = (row.function, present[row.agency].id, row.valid_from)
        if key in known:
            known[key].valid_to = row.valid_to
        else:
            added = AgencyFunction(function=key[0], agency_id=key[1], valid_from=key[2], valid_to=row.valid_to)
            db.session.add(added)


def _save_verifying(pack: packs.Pack) -> None:
    present = {(v.category, v.agency_code): v for v in db.session.scalars(select(VerifyingAgency))}
    for category, codes in pack.verifying.items():
        for position, code in enumerate(codes):
            row = present.pop((category, code), None)
            if row is None:
                db.session.add(VerifyingAgency(category=category, agency_code=code, position=position))
            else:
                row.position = position
    for stale in present.values():
        db.session.delete(stale)  # a choice list, not history


def by_code(code: str) -> Agency | None:
    return db.session.scalar(select(Agency).where(Agency.code == code))


def having(function: str, day: date) -> Agency | None:
    """The one agency that has ``function`` on ``day`` (domain 2.4)."""
    return db.session.scalar(
        select(Agency)
        .join(AgencyFunction)
        .where(
            AgencyFunction.function == function,
            AgencyFunction.valid_from <= day,
            or_(AgencyFunction.valid_to.is_(None), AgencyFunction.valid_to >= day),
        )
    )


def choosable(day: date) -> list[Agency]:
    """Agencies valid on ``day`` that can be given a part: ministries, platforms and telecoms are targets of requests."""
    return list(
        db.session.scalars(
            select(Agency)
            .where(
                Agency.valid_from <= day,
                or_(Agency.valid_to.is_(None), Agency.valid_to >= day),
                Agency.type.not_in(OUTSIDE_AGENCY_TYPES),
            )
            .order_by(Agency.default_member.desc(), Agency.type, Agency.name)
        )
    )


def verifying(category: str, day: date) -> list[Agency]:
    """The agencies that verify in this field by default (domain 4.2); "@commune" and the like are a person's choice."""
    return list(
        db.session.scalars(
            select(Agency)
            .join(VerifyingAgency, VerifyingAgency.agency_code == Agency.code)
            .where(
                VerifyingAgency.category == category,
                Agency.valid_from <= day,
                or_(Agency.valid_to.is_(None), Agency.valid_to >= day),
            )
            .order_by(VerifyingAgency.position)
        )
    )


def successors(agency: Agency) -> list[Agency]:
    return list(
        db.session.scalars(
            select(Agency)
            .join(AgencySuccession, AgencySuccession.successor_id == Agency.id)
            .where(AgencySuccession.agency_id == agency.id)
            .order_by(Agency.name)
        )
    )


def commune_among(communes: Sequence[Agency], place: str) -> Agency | None:
    """The commune for a place as people write it: "xã Bảo Nhai", "bao nhai", "Sapa". None unless exactly one fits.

    The longest name wins ("Bảo Nhai" over a "Nhai"); two equally long ones are a question for a person.
    """
    words = fold(place)
    if not words:
        return None
    lengths = {
        commune.id: max((len(name) for name in _names(commune) if f" {name} " in f" {words} "), default=0)
        for commune in communes
    }
    longest = max(lengths.values(), default=0)
    best = [commune for commune in communes if longest and lengths[commune.id] == longest]
    return best[0] if len(best) == 1 else None


def _names(commune: Agency) -> list[str]:
    return [name for name in map(fold, (commune.short_name, commune.name, *commune.aliases)) if name]

"""The shapes an organisation pack is made of. Every span of days includes both ends; no end = still so."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from incidents.errors import Refusal
from incidents.vocabulary import AgencyType

SELECTORS = ("@commune", "@above", "@impersonated", "@leaked")  # agencies known only from the incident itself


class UnknownPack(Refusal):
    """``key``: what was asked for; ``known``: the keys there are, in words."""

    vi = "Không có gói tổ chức “{key}”. Các gói hiện có: {known}."
    en = "There is no organisation pack “{key}”. Packs: {known}."


class BrokenPack(ValueError):  # noqa: N818 - names state the fact
    """A pack file contradicts itself: a fault of whoever edited it, never of a user."""


@dataclass(frozen=True, kw_only=True)
class AgencyRow:
    """One agency over all its days.

    ``aliases``: other names to find it by, former communes among them. ``successors``: (code, which share of the work;
    ``""`` = all of it). ``confidence``: ``ok`` or ``check`` (cần kiểm tra). ``admin_code``: the State's number of a
    commune, by which a second load finds the row before it looks at the code. ``public_site``: http(s) address.
    """

    code: str
    name: str
    short_name: str
    type: AgencyType
    parent: str = ""
    valid_from: date
    valid_to: date | None = None
    default_member: bool = False
    in_plan: bool = False
    public_site: str = ""
    confidence: str = "ok"
    aliases: tuple[str, ...] = ()
    former_district: str = ""
    successors: tuple[tuple[str, str], ...] = ()
    office_phone: str = ""
    office_email: str = ""
    admin_code: str = ""


@dataclass(frozen=True, kw_only=True)
class FunctionRow:
    """A function held by one agency for a span of days (``standing_agency`` …)."""

    function: str
    agency: str
    valid_from: date
    valid_to: date | None = None


@dataclass(frozen=True, kw_only=True)
class Pack:
    """An organisation. ``verifying``: category → agency codes and ``SELECTORS``, the lead first."""

    key: str
    name: str
    agencies: tuple[AgencyRow, ...]
    functions: tuple[FunctionRow, ...]
    verifying: Mapping[str, tuple[str, ...]]

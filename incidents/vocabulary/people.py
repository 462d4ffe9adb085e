"""Agencies, roles, where something came from, and the state of an address."""

from collections.abc import Mapping
from enum import StrEnum

from incidents.vocabulary.labels import Label


class AgencyType(StrEnum):
    party_office = "party_office"
    party_commission = "party_commission"
    provincial_committee = "provincial_committee"
    committee_office = "committee_office"
    department = "department"
    police = "police"
    military_border = "military_border"
    district = "district"
    commune = "commune"
    provincial_press = "provincial_press"
    central_press = "central_press"
    portal = "portal"
    front_unions = "front_unions"
    journalists_association = "journalists_association"
    telecom = "telecom"
    platform = "platform"
    central_body = "central_body"


OUTSIDE_AGENCY_TYPES = (AgencyType.telecom, AgencyType.platform, AgencyType.central_body)


class Role(StrEnum):
    duty = "duty"
    member = "member"
    contact = "contact"
    verifier = "verifier"
    spokesperson = "spokesperson"
    deputy = "deputy"
    lead = "lead"
    leader = "leader"
    press = "press"
    analyst = "analyst"
    auditor = "auditor"
    admin = "admin"


ROLES: Mapping[str, Label] = {
    Role.duty: ("Cán bộ trực", "Duty officer"),
    Role.member: ("Thành viên Tổ", "Task-force member"),
    Role.contact: ("Đầu mối cơ quan", "Focal point"),
    Role.verifier: ("Cán bộ kiểm chứng", "Verifier"),
    Role.spokesperson: ("Người phát ngôn", "Spokesperson"),
    Role.deputy: ("Tổ phó", "Deputy lead"),
    Role.lead: ("Tổ trưởng", "Lead"),
    Role.leader: ("Lãnh đạo tỉnh", "Provincial leader"),
    Role.press: ("Cơ quan báo chí", "Press"),
    Role.analyst: ("Cán bộ tổng hợp", "Analyst"),
    Role.auditor: ("Kiểm tra, nhật ký", "Auditor"),
    Role.admin: ("Quản trị", "Administrator"),
}

SECOND_FACTOR_ROLES = frozenset({Role.lead, Role.deputy, Role.leader, Role.admin})


class Source(StrEnum):
    web = "web"
    telegram = "telegram"
    api = "api"
    cli = "cli"
    time = "time"


SOURCES: Mapping[str, Label] = {
    Source.web: ("web", "web"),
    Source.telegram: ("Telegram", "Telegram"),
    Source.api: ("API", "API"),
    Source.cli: ("dòng lệnh", "command line"),
    Source.time: ("tự động", "automatic"),
}


class AddressState(StrEnum):
    linked = "linked"
    broken = "broken"  # refused for good; comes back by itself when the person writes again
    off = "off"

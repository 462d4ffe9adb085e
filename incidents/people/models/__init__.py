"""The tables of this room: accounts and agencies, and who is on duty when."""

from incidents.people.models.accounts import (
    Address,
    Agency,
    AgencyFunction,
    AgencySuccession,
    LinkCode,
    LinkTry,
    LogLine,
    Member,
    MemberRole,
    RecoveryCode,
    Session,
    SignInAttempt,
    SignInLink,
    VerifyingAgency,
)
from incidents.people.models.roster import FeedKey, HandOver, Shift, ShiftSwap

__all__ = [
    "Address",
    "Agency",
    "AgencyFunction",
    "AgencySuccession",
    "FeedKey",
    "HandOver",
    "LinkCode",
    "LinkTry",
    "LogLine",
    "Member",
    "MemberRole",
    "RecoveryCode",
    "Session",
    "Shift",
    "ShiftSwap",
    "SignInAttempt",
    "SignInLink",
    "VerifyingAgency",
]

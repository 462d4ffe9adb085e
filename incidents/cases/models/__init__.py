"""The tables of this room."""

from incidents.cases.models.incident import (
    FAR,
    Assignment,
    CodeCounter,
    Draft,
    Entry,
    EntryFile,
    Incident,
    IncidentReader,
)
from incidents.cases.models.quick_report import QuickReport, QuickReportPart
from incidents.cases.models.work import Anchor, Clock, ClockMark, Step

__all__ = [
    "FAR",
    "Anchor",
    "Assignment",
    "Clock",
    "ClockMark",
    "CodeCounter",
    "Draft",
    "Entry",
    "EntryFile",
    "Incident",
    "IncidentReader",
    "QuickReport",
    "QuickReportPart",
    "Step",
]

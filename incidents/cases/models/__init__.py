"""The tables of this room."""

from incidents.cases.models.activation import Activation, ActivationMember
from incidents.cases.models.escalation import Escalation, LadderTest, Rung
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
from incidents.cases.models.judgement import Assessment, Lesson
from incidents.cases.models.quick_report import QuickReport, QuickReportPart
from incidents.cases.models.work import Anchor, Clock, ClockMark, Step

__all__ = [
    "Activation",
    "ActivationMember",
    "Anchor",
    "Assessment",
    "Assignment",
    "Clock",
    "ClockMark",
    "CodeCounter",
    "Draft",
    "Entry",
    "EntryFile",
    "Escalation",
    "FAR",
    "Incident",
    "IncidentReader",
    "LadderTest",
    "Lesson",
    "QuickReport",
    "QuickReportPart",
    "Rung",
    "Step",
]

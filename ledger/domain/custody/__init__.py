"""Who held a subject when, in which box under which seals, and what breaks the line (formats, section 13)."""

from ledger.domain.custody.boxes import Box, Carried
from ledger.domain.custody.corrections import Correction
from ledger.domain.custody.drawing import custody_of
from ledger.domain.custody.hand_overs import MACHINE_KINDS, HandOver
from ledger.domain.custody.line import Gap, Line, Overlap, Span
from ledger.domain.custody.members import time_of
from ledger.domain.custody.problem import Problem, Severity
from ledger.domain.custody.record import Custody
from ledger.domain.custody.rules import Level, Rules
from ledger.domain.custody.said import Said
from ledger.domain.custody.seal_records import Inspection, Seal, SealEvent, copied
from ledger.domain.custody.watch import Clean, DoorsOpened

__all__ = [
    "MACHINE_KINDS",
    "Box",
    "Carried",
    "Clean",
    "Correction",
    "Custody",
    "DoorsOpened",
    "Gap",
    "HandOver",
    "Inspection",
    "Level",
    "Line",
    "Overlap",
    "Problem",
    "Rules",
    "Said",
    "Seal",
    "SealEvent",
    "Severity",
    "Span",
    "copied",
    "custody_of",
    "time_of",
]

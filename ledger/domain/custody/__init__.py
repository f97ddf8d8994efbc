"""Who held a subject when, in which box under which seals, and what breaks the line (formats, section 13)."""

from ledger.domain.custody.line import MACHINE_KINDS, Custody, HandOver, custody_of
from ledger.domain.custody.problem import Problem, Severity
from ledger.domain.custody.rules import Level, Rules
from ledger.domain.custody.said import Said

__all__ = [
    "MACHINE_KINDS",
    "Custody",
    "HandOver",
    "Level",
    "Problem",
    "Rules",
    "Said",
    "Severity",
    "custody_of",
]

"""The checks that corridors can ask for, in the order in which verdicts list them."""

from ledger.assessment.check import CorridorCheck
from ledger.assessment.checks import box, movement, radiation, re_scan, scan, temperature
from ledger.assessment.checks.corrections import CORRECTIONS
from ledger.assessment.checks.papers import PAPERS
from ledger.assessment.checks.parties import PARTIES
from ledger.assessment.checks.re_use import RE_USE
from ledger.assessment.checks.required_evidence import REQUIRED_EVIDENCE
from ledger.assessment.checks.timeliness import TIMELINESS

CHECKS: tuple[CorridorCheck, ...] = (
    REQUIRED_EVIDENCE,
    TIMELINESS,
    PAPERS,
    RE_USE,
    PARTIES,
    CORRECTIONS,
    scan.CHECK,
    re_scan.CHECK,
    radiation.CHECK,
    box.CHECK,
    movement.CHECK,
    temperature.CHECK,
)

"""The checks that corridors can ask for, in the order in which verdicts list them."""

from ledger.assessment.check import CorridorCheck

CHECKS: tuple[CorridorCheck, ...] = ()

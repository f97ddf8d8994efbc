"""The log read as subjects, streams, members and hand-overs, and the registrar who asks it first."""

from ledger.catalogue.catalogue import Catalogue
from ledger.catalogue.findings import Finding, Weight
from ledger.catalogue.records import HandOverRecord, HandOverSaid, MemberRecord, StreamRecord, SubjectRecord
from ledger.catalogue.registrar import Registered, Registrar

__all__ = [
    "Catalogue",
    "Finding",
    "HandOverRecord",
    "HandOverSaid",
    "MemberRecord",
    "Registered",
    "Registrar",
    "StreamRecord",
    "SubjectRecord",
    "Weight",
]

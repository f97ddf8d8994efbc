"""All tables of a ledger database together, for whoever makes or compares them."""

from ledger.storage import (
    access_tables,
    catalogue_tables,
    enrolment_tables,
    erasure_tables,
    evidence_tables,
    notice_tables,
    prearrival_tables,
    secret_tables,
    sharing_tables,
    tables,
)

__all__ = [
    "access_tables",
    "catalogue_tables",
    "enrolment_tables",
    "erasure_tables",
    "evidence_tables",
    "metadata",
    "notice_tables",
    "prearrival_tables",
    "secret_tables",
    "sharing_tables",
]

metadata = tables.metadata

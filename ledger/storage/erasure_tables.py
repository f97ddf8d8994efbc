"""The tables of erasure, legal holds and keyed fingerprints.

`erasures`, `erased_items` and `legal_holds` come from the log, and can be emptied and made again from it: so
what was erased is known again whatever copy of the files is restored. Indices are those of log entries.
"""

from sqlalchemy import Column, Index, Integer, String, Table

from ledger.storage.tables import metadata
from ledger.storage.types import Blob, Long

# What organisations said that they erased. `held` is the log index of the hold that stood against it when it
# was logged: such an erasure has no effect. `at` is when it happened, as its signer says.
erasures = Table(
    "erasures",
    metadata,
    Column("cid", String(64), primary_key=True),
    Column("idx", Long, primary_key=True, autoincrement=False),
    Column("organisation", String(200), nullable=False),
    Column("at", Long, nullable=False),
    Column("because", String(16), nullable=False),
    Column("held", Long),
    Index(None, "organisation"),
)

# Items that all who claimed them have erased, since which entry, and when.
erased_items = Table(
    "erased_items",
    metadata,
    Column("cid", String(64), primary_key=True),
    Column("idx", Long, nullable=False),
    Column("at", Long, nullable=False),
)

# Holds, a row for each subject that they are about. `named` holds commitments one after the other and is NULL
# when everything is held; `ended` is the entry that lifted it.
legal_holds = Table(
    "legal_holds",
    metadata,
    Column("idx", Long, primary_key=True, autoincrement=False),
    Column("subject", String(400), primary_key=True),
    Column("id", Blob, nullable=False),
    Column("iss", String(200), nullable=False),
    Column("named", Blob),
    Column("ended", Long),
    Index(None, "subject"),
    Index(None, "id"),
)

# What this ledger has done about erasures, by item and organisation. Not from the log.
erasures_done = Table(
    "erasures_done",
    metadata,
    Column("cid", String(64), primary_key=True),
    Column("organisation", String(200), primary_key=True),
    Column("done_at", Long, nullable=False),
)

# Fingerprints of contents. `digest` is keyed; `sealed` is the perceptual hash, encrypted: without the
# operator's key neither tells anything of the content.
fingerprints = Table(
    "fingerprints",
    metadata,
    Column("id", Blob, primary_key=True),
    Column("digest", Blob, nullable=False),
    Column("sealed", Blob),
    Column("kind", String(16), nullable=False),
    Column("cid", String(64), nullable=False),
    Column("subject", String(400), nullable=False),
    Column("organisation", String(200), nullable=False),
    Column("at", Long, nullable=False),
    Index("ix_fingerprints_offer", "digest", "cid", "subject", unique=True),
    Index(None, "cid"),
)

# Keyed digests of the parts of perceptual hashes, by which alike ones are looked up.
fingerprint_bands = Table(
    "fingerprint_bands",
    metadata,
    Column("band", Blob, primary_key=True),
    Column("fingerprint", Blob, primary_key=True),
    Index(None, "fingerprint"),
    sqlite_with_rowid=False,
)

# Contents that were offered for two trips; `first` was there before. `distance` counts the bits in which
# perceptual hashes differ, and is NULL when the content is the same. Alarms outlive the fingerprints.
alarms = Table(
    "alarms",
    metadata,
    Column("id", Blob, primary_key=True),
    Column("kind", String(16), nullable=False),
    Column("distance", Integer),
    Column("raised_at", Long, nullable=False),
    Column("first_subject", String(400), nullable=False),
    Column("first_cid", String(64), nullable=False),
    Column("second_subject", String(400), nullable=False),
    Column("second_cid", String(64), nullable=False),
    Index(None, "first_subject"),
    Index(None, "second_subject"),
)

"""The tables of one ledger database, as SQLAlchemy Core; `migrations/` creates the same ones.

Hashes, tags and signed bytes are BLOBs as they are; times are POSIX seconds. Log indices and sizes are
64-bit integers. Nothing in `entries`, `statements`, `stream_entries`, `map_nodes`, `checkpoints` or
`cosignatures` is ever updated or deleted, but for what a state brings with it (a note, a time); `tiles` and
`streams` only grow.
"""

from sqlalchemy import Column, Index, Integer, MetaData, String, Table, UniqueConstraint

from ledger.storage.types import Blob, Long

metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    }
)

# One row: the log itself. `size` is the compare-and-swap head that every append moves.
log = Table(
    "log",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("genesis", Blob, nullable=False),
    Column("profile", Blob, nullable=False),
    Column("size", Long, nullable=False),
)

entries = Table(
    "entries",
    metadata,
    Column("idx", Long, primary_key=True, autoincrement=False),
    Column("entry", Blob, nullable=False),
)

# The tree, eight levels to a tile. `hashes` holds every complete node of the tile: first its 256 leaves (the
# C2SP hash tile), then the levels above, each in order; a partial tile holds what is complete so far.
tiles = Table(
    "tiles",
    metadata,
    Column("level", Integer, primary_key=True, autoincrement=False),
    Column("idx", Long, primary_key=True, autoincrement=False),
    Column("width", Integer, nullable=False),
    Column("hashes", Blob, nullable=False),
)

statements = Table(
    "statements",
    metadata,
    Column("idx", Long, primary_key=True, autoincrement=False),
    Column("id", Blob, nullable=False, unique=True),
    Column("statement", Blob, nullable=False),
    Column("disclosures", Blob, nullable=False),  # JSON array of texts, as received
    Column("kid", Blob, nullable=False),
    Column("kind", String(64), nullable=False),
    Column("sub", String(400), nullable=False),
    Column("received_at", Long, nullable=False),
)

# Which entries each stream has, and its running hash after each: what dossiers and the map read.
stream_entries = Table(
    "stream_entries",
    metadata,
    Column("tag", Blob, primary_key=True),
    Column("count", Long, primary_key=True, autoincrement=False),
    Column("idx", Long, nullable=False),
    Column("running", Blob, nullable=False),
    Index(None, "idx"),
    sqlite_with_rowid=False,
)

# Newest row of each stream in `stream_entries`, so that an append finds where to go on in one look.
streams = Table(
    "streams",
    metadata,
    Column("tag", Blob, primary_key=True),
    Column("count", Long, nullable=False),
    Column("running", Blob, nullable=False),
    sqlite_with_rowid=False,
)

# Nodes of the verifiable map, shared by all map roots that ever were, in the order in which they were made:
# those of one checkpoint lie side by side, which a key of hashes would scatter. `node` is the preimage of the
# node's hash and, of an inner node, the numbers of its children as u64, 0 for an empty one.
map_nodes = Table(
    "map_nodes",
    metadata,
    Column("id", Long, primary_key=True, autoincrement=False),
    Column("node", Blob, nullable=False),
)

# `state`: fixed (size and root chosen), signed (`note` holds the log's signature), published (quorum
# reached).
checkpoints = Table(
    "checkpoints",
    metadata,
    Column("size", Long, primary_key=True, autoincrement=False),
    Column("root", Blob, nullable=False),
    Column("map_root", Blob, nullable=False),
    Column("map_node", Long, nullable=False),  # the root in map_nodes, 0 for the empty map
    Column("state", String(16), nullable=False),
    Column("note", Blob),
    Column("fixed_at", Long, nullable=False),
    Column("published_at", Long),
)

# `witness` is the verifier key, `line` the whole cosignature line. A witness may cosign a checkpoint again as
# time passes.
cosignatures = Table(
    "cosignatures",
    metadata,
    Column("size", Long, primary_key=True, autoincrement=False),
    Column("witness", String(400), primary_key=True),
    Column("time", Long, primary_key=True, autoincrement=False),
    Column("line", Blob, nullable=False),
    Index(None, "witness"),
)

# Chains this log was anchored on, by genesis hash: a replaced embedded chain is a different chain.
chains = Table(
    "chains",
    metadata,
    Column("genesis", Blob, primary_key=True),
    Column("chain_id", Long, nullable=False),
    Column("registry", Blob, nullable=False),
    Column("anchor", Blob, nullable=False),
    Column("next_nonce", Long, nullable=False),
    Column("first_seen", Long, nullable=False),
)

# `state`: staged, signed, submitted, mined, final. One row per checkpoint and chain.
anchors = Table(
    "anchors",
    metadata,
    Column("chain", Blob, primary_key=True),
    Column("size", Long, primary_key=True, autoincrement=False),
    Column("root", Blob, nullable=False),
    Column("state", String(16), nullable=False),
    Column("nonce", Long),
    Column("block_number", Long),
    Column("block_hash", Blob),
    Column("block_time", Long),
    UniqueConstraint("chain", "nonce"),
)

# Raw transactions, stored before they are sent; a fee bump adds a row with the same nonce.
transactions = Table(
    "transactions",
    metadata,
    Column("hash", Blob, primary_key=True),
    Column("chain", Blob, nullable=False),
    Column("size", Long, nullable=False),
    Column("nonce", Long, nullable=False),
    Column("raw", Blob, nullable=False),
    Column("max_fee", String(40), nullable=False),
    Column("signed_at", Long, nullable=False),
    Index(None, "chain", "size"),
)

# State proofs (formats, section 8), taken when an anchor became final because nodes prune.
state_proofs = Table(
    "state_proofs",
    metadata,
    Column("chain", Blob, primary_key=True),
    Column("block_number", Long, primary_key=True, autoincrement=False),
    Column("size", Long, primary_key=True, autoincrement=False),
    Column("proof", Blob, nullable=False),
)

# COSE_Keys by thumbprint: self-certifying, so who sent one does not matter.
cose_keys = Table(
    "cose_keys",
    metadata,
    Column("thumbprint", Blob, primary_key=True),
    Column("cose_key", Blob, nullable=False),
)

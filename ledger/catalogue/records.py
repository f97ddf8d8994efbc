"""What the catalogue tells of subjects, streams and their members."""

from dataclasses import dataclass

from ledger.domain.hand_over import Terms


@dataclass(frozen=True, slots=True)
class StreamRecord:
    """A stream that the reader is a member of.

    Args:
        tag: 32 bytes.
        subject: URI of its subject.
        name: `custody`, or the name of a restricted stream.
    """

    tag: bytes
    subject: str
    name: str


@dataclass(frozen=True, slots=True)
class SubjectRecord:
    """A subject, as far as the reader may know it.

    Args:
        index: Of its opening in the log; the cursor of pages.
        uri: Its name.
        type: `trip`, `consignment`, `booking`, `voyage` or `organisation`.
        key: Its number in trade use.
        opened_by: URI of the organisation that opened it.
        opened_at: When the opening was signed, POSIX seconds.
        streams: Those that the reader is a member of, in the order of their openings.
    """

    index: int
    uri: str
    type: str
    key: str
    opened_by: str
    opened_at: int
    streams: tuple[StreamRecord, ...]


@dataclass(frozen=True, slots=True)
class MemberRecord:
    """A member of a stream.

    Args:
        organisation: Its URI.
        reason: `opened`, `granted`, `hand-over` or `secret`.
        index: The log entry that made it one; of `secret` the size that the log had.
    """

    organisation: str
    reason: str
    index: int


@dataclass(frozen=True, slots=True)
class HandOverSaid:
    """What one party said of a hand-over.

    Args:
        index: Place of its statement in the log.
        id: Statement id, 32 bytes.
        organisation: URI of the party.
        role: `giver` or `taker`.
        result: `accepted`, `accepted-with-remarks` or `refused`.
    """

    index: int
    id: bytes
    organisation: str
    role: str
    result: str


@dataclass(frozen=True, slots=True)
class HandOverRecord:
    """A hand-over of the reader's organisation.

    Args:
        index: Of the first statement of it; the cursor of pages.
        terms_hash: 32 bytes.
        terms: The terms, None when no statement that the reader may see discloses them.
        giver: URI of the giver, None when nobody disclosed it.
        taker: URI of the taker, None when nobody disclosed it.
        is_open: Whether one side has signed, has not refused, and the other side is still awaited.
        said: What was said, in the order of the log.
    """

    index: int
    terms_hash: bytes
    terms: Terms | None
    giver: str | None
    taker: str | None
    is_open: bool
    said: tuple[HandOverSaid, ...]

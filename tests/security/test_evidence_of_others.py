"""Somebody else's evidence: what it helps to know its CID."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from ledger.domain.cid import CidBuilder
from ledger.domain.errors import NotFoundError, VerificationError
from ledger.evidence.room import EvidenceRoom
from tests.api.evidence_desk import Clock, a_room
from tests.builders import EXPORTER

MALLORY = "https://mallory.example"
SEALED = bytes(range(256)) * 40


def cid_of(data: bytes) -> str:
    builder = CidBuilder(lambda _digest: None)
    builder.update(data)
    return builder.cid()


def reads(room: EvidenceRoom, organisation: str) -> bool:
    return room.records.may_read(cid_of(SEALED), organisation, lambda _tag, _uri: False)


@pytest.fixture
def room(tmp_path: Path) -> Iterator[EvidenceRoom]:
    """A room with nothing in it."""
    with a_room(tmp_path / "data", Clock()) as (room, _engine):
        yield room


def test_who_uploads_under_somebody_elses_cid_first_is_in_nobodys_way(room: EvidenceRoom) -> None:
    squatter = room.uploads.create(MALLORY, len(SEALED), cid_of(SEALED))
    room.uploads.append(squatter.id, MALLORY, 0, [b"x" * 100])
    owner = room.uploads.create(EXPORTER, len(SEALED), cid_of(SEALED))
    done = room.uploads.append(owner.id, EXPORTER, 0, [SEALED])
    assert done.offset == len(SEALED)
    with pytest.raises(VerificationError) as refused:
        room.uploads.append(squatter.id, MALLORY, 100, [b"x" * (len(SEALED) - 100)])
    assert refused.value.code == "cid-mismatch"
    assert b"".join(room.store.open(cid_of(SEALED)).chunks) == SEALED
    assert (reads(room, EXPORTER), reads(room, MALLORY)) == (True, False)


@pytest.mark.parametrize("sent", [0, 1, len(SEALED) - 1], ids=["nothing", "a byte", "all but a byte"])
def test_beginning_an_upload_of_what_is_there_gives_no_right_to_read_it(
    room: EvidenceRoom, sent: int
) -> None:
    owner = room.uploads.create(EXPORTER, len(SEALED), cid_of(SEALED))
    room.uploads.append(owner.id, EXPORTER, 0, [SEALED])
    upload = room.uploads.create(MALLORY, len(SEALED), cid_of(SEALED))
    room.uploads.append(upload.id, MALLORY, 0, [b"x" * sent] if sent else [])
    assert room.uploads.get(upload.id, MALLORY).offset == sent
    room.uploads.terminate(upload.id, MALLORY)
    assert not reads(room, MALLORY)
    assert room.store.has(cid_of(SEALED))


def test_an_upload_is_its_owners_alone(room: EvidenceRoom) -> None:
    upload = room.uploads.create(EXPORTER, len(SEALED), cid_of(SEALED))
    attempts = (
        lambda: room.uploads.get(upload.id, MALLORY),
        lambda: room.uploads.append(upload.id, MALLORY, 0, [b"x"]),
        lambda: room.uploads.terminate(upload.id, MALLORY),
    )
    for attempt in attempts:
        with pytest.raises(NotFoundError):
            attempt()


@pytest.mark.parametrize(
    "name", ["../../ledger.db", "..", "/etc/passwd", "bafkrei/../x", "b" * 59, "\x00", ""]
)
def test_no_name_leads_out_of_the_store(room: EvidenceRoom, name: str) -> None:
    assert not room.store.has(name)
    for ask in (room.store.size, room.store.open):
        with pytest.raises(NotFoundError):
            ask(name)
    with pytest.raises(NotFoundError):
        room.uploads.get(name, MALLORY)

"""How items get to their readers: from files, from memory, from streams; never by a name."""

import os
from io import BytesIO
from pathlib import Path
from threading import Thread

import pytest

from ledger.domain.errors import MalformedError
from ledger.readers.memory import in_memory, read_only
from ledger.readers.run import Limits, Readers, read

MODULES = ["tests.readers.misbehaving"]
ITEM = b"TRY work"


def outcome(readers: Readers, source: object) -> str:
    return readers.read(source, media_type="text/plain", category="scan").outcome  # type: ignore[arg-type]


def test_items_come_from_files_from_memory_and_from_streams(tmp_path: Path) -> None:
    path = tmp_path / "an-item.exe"
    path.write_bytes(ITEM)
    memory = in_memory([b"TRY", b" work"], max_bytes=100)
    with Readers(modules=MODULES) as readers, path.open("rb") as file, memory:
        assert [outcome(readers, each) for each in (file, memory, BytesIO(ITEM))] == ["read"] * 3


def test_an_item_is_read_from_its_beginning_wherever_its_file_stands() -> None:
    with in_memory([ITEM], max_bytes=100) as item, Readers(modules=MODULES) as readers:
        item.seek(5)
        assert outcome(readers, item) == "read"
        assert item.tell() == 5


def test_what_nobody_understands_is_said_to_be_so() -> None:
    for item in (b"", b"\0", b"no format at all", bytes(70_000)):
        reading = read(BytesIO(item), media_type="image/png", category="scan")
        assert (reading.outcome, reading.format) == ("not-understood", None)
        assert [each.code for each in reading.complaints] == ["not-understood"]


def test_an_item_over_the_limit_is_not_even_begun() -> None:
    with Readers(Limits(item_bytes=4), MODULES) as readers, in_memory([ITEM], max_bytes=100) as memory:
        for source in (BytesIO(ITEM), memory):
            reading = readers.read(source, media_type="text/plain", category="scan")
            assert [each.code for each in reading.complaints] == ["too-large"]


def test_threads_take_turns() -> None:
    heard: list[str] = []
    with Readers(modules=MODULES) as readers:
        threads = [Thread(target=lambda: heard.append(outcome(readers, BytesIO(ITEM)))) for _ in range(8)]
        for each in threads:
            each.start()
        for each in threads:
            each.join()
    assert heard == ["read"] * 8


def test_closed_readers_start_again() -> None:
    readers = Readers(modules=MODULES)
    assert outcome(readers, BytesIO(ITEM)) == "read"
    readers.close()
    readers.close()
    assert outcome(readers, BytesIO(ITEM)) == "read"
    readers.close()


def test_what_is_in_memory_can_be_changed_by_nobody() -> None:
    with in_memory([b"abc"], max_bytes=3) as item:
        with pytest.raises(OSError, match="not permitted"):
            os.write(item.fileno(), b"x")
        with pytest.raises(OSError, match="not permitted"):
            item.truncate(1)
        assert item.read() == b"abc"


def test_what_is_read_cannot_be_written_even_where_its_file_can(tmp_path: Path) -> None:
    path = tmp_path / "item"
    path.write_bytes(b"abc")
    with path.open("r+b") as file:
        descriptor = read_only(file, max_bytes=10)
        with pytest.raises(OSError, match="Bad file descriptor"):
            os.write(descriptor, b"x")
        os.close(descriptor)


def test_memory_takes_no_more_than_it_may() -> None:
    before = len(os.listdir("/proc/self/fd"))
    with pytest.raises(MalformedError, match="more than 5 bytes"):
        in_memory([b"abc", b"def"], max_bytes=5)
    assert len(os.listdir("/proc/self/fd")) == before


def test_a_source_that_breaks_raises_and_no_reading_is_made_up() -> None:
    class Broken(BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            raise OSError("the disk is gone")

    with Readers(modules=MODULES) as readers, pytest.raises(OSError, match="the disk is gone"):
        readers.read(Broken(ITEM), media_type="text/plain", category="scan")


def test_a_stream_is_copied_into_memory_and_onto_no_disk() -> None:
    descriptor = read_only(BytesIO(ITEM), max_bytes=100)
    assert os.readlink(f"/proc/self/fd/{descriptor}").startswith("/memfd:")
    assert os.pread(descriptor, 100, 0) == ITEM
    os.close(descriptor)

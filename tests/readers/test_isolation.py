"""What code that took a reader over might try: nothing of it works, and nothing of it stays."""

import os
import subprocess
import sys
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from threading import Thread

import pytest

from ledger.readers.isolation import Budget
from ledger.readers.reading import Reading
from ledger.readers.run import Limits, Readers
from tests.readers.misbehaving import DEEDS
from tests.readers.processes import children, kill, running

TIGHT = Limits(Budget(wall_seconds=30.0, cpu_seconds=1, memory_bytes=256 << 20), answer_bytes=1 << 20)
BRIEF = Limits(Budget(wall_seconds=0.5))
FORBIDDEN = (
    "fork",
    "run a program",
    "exec",
    "open a socket",
    "make a pair of sockets",
    "write a file",
    "make memory files",
    "read /etc/passwd",
    "list a folder",
    "look a file up",
    "kill the parent",
    "signal by a pipe",
    "raise its limits",
    "look at its descriptors",
    "read its parent's memory",
    "change the item",
)
HARMLESS = ("start a thread", "sleep a little", "work")
ENDINGS = {
    "segfault": "reader-crashed",
    "abort": "reader-crashed",
    "recurse without end": "reader-crashed",
    "spin": "out-of-time",
    "eat memory at once": "out-of-memory",
    "eat memory bit by bit": "out-of-memory",
    "refuse": "not-my-taste",
    "quote the item": "reader-failed",
    "shout": "answer-too-large",
    "leave": "reader-ended",
    "lie": "reader-strange",
    "find no JSON": "reader-failed",
}


@pytest.fixture(scope="module")
def misled() -> Iterator[Readers]:
    with Readers(TIGHT, ["tests.readers.misbehaving"]) as readers:
        yield readers


def told(readers: Readers, deed: str) -> Reading:
    return readers.read(BytesIO(f"TRY {deed}".encode()), media_type="text/plain", category="scan")


def test_every_deed_is_judged() -> None:
    assert set(DEEDS) == {*FORBIDDEN, *HARMLESS, *ENDINGS, "hang"}


@pytest.mark.parametrize("deed", FORBIDDEN)
def test_a_reader_can_do_nothing_but_read(misled: Readers, deed: str) -> None:
    reading = told(misled, deed)
    assert reading.found == {}
    assert [each.code for each in reading.complaints] == ["reader-failed"]


@pytest.mark.parametrize("deed", HARMLESS)
def test_a_reader_may_do_what_reading_needs(misled: Readers, deed: str) -> None:
    assert told(misled, deed).outcome == "read"


@pytest.mark.parametrize("deed", ENDINGS)
def test_however_a_reader_ends_there_is_a_reading_with_a_complaint(misled: Readers, deed: str) -> None:
    reading = told(misled, deed)
    assert [each.code for each in reading.complaints] == [ENDINGS[deed]]
    assert reading.outcome != "read"
    assert not reading.renditions


def test_a_reader_that_hangs_is_ended() -> None:
    with Readers(BRIEF, ["tests.readers.misbehaving"]) as readers:
        assert [each.code for each in told(readers, "hang").complaints] == ["out-of-time"]


def test_what_a_crash_interrupts_still_says_who_read_what(misled: Readers) -> None:
    reading = told(misled, "segfault")
    assert (reading.reader, reading.version, reading.format) == ("misbehaving/tests", "1/1", "TRY")


def test_complaints_never_quote_the_item(misled: Readers) -> None:
    assert "quote the item" not in repr(told(misled, "quote the item"))


def test_nothing_was_written(misled: Readers) -> None:
    told(misled, "write a file")
    assert not Path("/tmp/written-by-a-reader").exists()


@pytest.mark.parametrize("deed", ["segfault", "hang", "shout", "leave", "work"])
def test_no_process_is_left_behind(deed: str) -> None:
    with Readers(BRIEF if deed == "hang" else TIGHT, ["tests.readers.misbehaving"]) as readers:
        above = forking(readers)
        told(readers, deed)
        assert not children(above)
    assert not running(above)


def test_no_descriptor_is_left_behind(misled: Readers) -> None:
    told(misled, "work")
    before = len(os.listdir("/proc/self/fd"))
    for deed in ("work", "segfault", "shout", "leave"):
        told(misled, deed)
    assert len(os.listdir("/proc/self/fd")) == before


def test_a_process_that_forks_and_was_killed_is_replaced() -> None:
    with Readers(TIGHT, ["tests.readers.misbehaving"]) as readers:
        kill(forking(readers))
        assert [each.code for each in told(readers, "work").complaints] == ["reader-lost"]
        assert told(readers, "work").outcome == "read"


def test_children_die_with_the_process_that_forks_them() -> None:
    with Readers(Limits(Budget(wall_seconds=60.0)), ["tests.readers.misbehaving"]) as readers:
        above = forking(readers)
        heard: list[Reading] = []
        thread = Thread(target=lambda: heard.append(told(readers, "hang")))
        thread.start()
        while not (below := children(above)):
            pass
        kill(above)
        thread.join(20)
        assert [each.code for each in heard[0].complaints] == ["reader-lost"]
        while any(running(each) for each in below):
            pass


HANGING = """
import sys
from io import BytesIO
from ledger.readers.run import Readers
readers = Readers(modules=["tests.readers.misbehaving"])
readers.read(BytesIO(b"TRY work"), media_type="", category="")
print("ready", flush=True)
readers.read(BytesIO(b"TRY hang"), media_type="", category="")
"""


def test_nothing_outlives_a_process_that_was_killed_while_it_read() -> None:
    with subprocess.Popen([sys.executable, "-c", HANGING], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        (above,) = children(process.pid)
        while not (below := children(above)):
            pass
        process.kill()
    while running(above) or any(running(each) for each in below):
        pass


@pytest.mark.parametrize("broken", ["tests.readers.without_seccomp", "tests.readers.leaking_filter"])
def test_without_isolation_nothing_is_read(broken: str) -> None:
    with Readers(TIGHT, ["tests.readers.misbehaving", broken]) as readers:
        reading = told(readers, "work")
    assert [each.code for each in reading.complaints] == ["isolation-unavailable"]
    assert reading.found == {}


def forking(readers: Readers) -> int:
    """Return the process that forks for these readers, which has not been started yet."""
    before = children(os.getpid())
    told(readers, "work")
    (above,) = children(os.getpid()) - before
    return above

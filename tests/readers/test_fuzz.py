"""Whatever the bytes are, there is a reading, and the next item is read as ever."""

from io import BytesIO

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.strategies import DataObject

from ledger.readers.isolation import Budget
from ledger.readers.reading import Reading
from ledger.readers.run import Limits, Readers
from tests.readers.formats.made import encoded, n42, photo, tiff

WHOLE = {
    "N42": n42()[:20_000] + n42()[-2_000:],
    "PNG": encoded(photo((64, 36)), "PNG"),
    "JPEG": encoded(photo((64, 36)), "JPEG"),
    "TIFF": tiff()[:4_000],
}
HEADS = (
    b"",
    b"\x89PNG\r\n\x1a\n",
    b"\xff\xd8\xff",
    b"II*\0",
    b"MM\0+",
    b"<RadInstrumentData ",
    b"<?xml ",
    b"%PDF-",
)
FUZZED = settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
# What no reader may come to by what is in an item, apart from a crash of a library: that one is caught.
NEVER = {"reader-lost", "reader-strange", "isolation-unavailable", "answer-too-large"}


def judged(readers: Readers, data: bytes, category: str) -> Reading:
    reading = readers.read(BytesIO(data), media_type="application/octet-stream", category=category)
    assert not NEVER & {each.code for each in reading.complaints}
    assert reading.outcome == "read" or reading.complaints
    return reading


@FUZZED
@given(head=st.sampled_from(HEADS), rest=st.binary(max_size=400), category=st.sampled_from(["scan", "photo"]))
def test_any_bytes_give_a_reading(readers: Readers, head: bytes, rest: bytes, category: str) -> None:
    judged(readers, head + rest, category)


@FUZZED
@given(data=st.data(), form=st.sampled_from(sorted(WHOLE)))
def test_mutated_files_give_a_reading(readers: Readers, data: DataObject, form: str) -> None:
    item = bytearray(WHOLE[form])
    for _ in range(data.draw(st.integers(1, 6))):
        at = data.draw(st.integers(0, len(item) - 1))
        match data.draw(st.sampled_from(["change", "cut", "insert", "repeat"])):
            case "change":
                item[at] = data.draw(st.integers(0, 255))
            case "cut":
                del item[at : at + data.draw(st.integers(1, 64))]
            case "insert":
                item[at:at] = data.draw(st.binary(min_size=1, max_size=16))
            case _:
                item[at:at] = item[at : at + 64]
        item = item or bytearray(b"\0")
    judged(readers, bytes(item), "scan")


def test_limits_hold_for_real_readers_too(readers: Readers) -> None:
    """A budget of no memory ends in a complaint, and the same item is read with more."""
    item = encoded(photo((4_000, 3_000)), "PNG")
    with Readers(Limits(Budget(memory_bytes=8 << 20))) as poor:
        assert judged(poor, item, "photo").complaints
    assert judged(readers, item, "photo").outcome == "read"

"""Radiation records: what is found, and what is made of hostile ones."""

import re
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import pytest
import SpecUtils
from PIL import Image

from ledger.readers.memory import in_memory
from ledger.readers.reading import Reading
from ledger.readers.registry import Expectations
from ledger.readers.run import Readers
from tests.readers.formats.made import CONTAINER, n42

N42 = "application/vnd.n42+xml"
RECORD = n42()


def reading_of(readers: Readers, data: bytes, expectations: Expectations | None = None) -> Reading:
    return readers.read(BytesIO(data), media_type=N42, category="radiation", expectations=expectations)


def codes(reading: Reading) -> list[str]:
    return [each.code for each in reading.complaints]


def converted(data: bytes, write: Callable[[SpecUtils.SpecFile, BytesIO], None]) -> bytes:
    """Return a record as SpecUtils writes it."""
    file, out = SpecUtils.SpecFile(), BytesIO()
    assert file.loadFromN42(BytesIO(data))
    write(file, out)
    return out.getvalue()


def test_a_passage_is_found_with_its_counts_its_time_and_no_alarm(readers: Readers) -> None:
    reading = reading_of(readers, RECORD, Expectations(container=CONTAINER))
    assert (reading.outcome, reading.format, reading.reader) == ("read", "N42.42-2012", "n42/SpecUtils")
    found = reading.found
    assert found["containers"] == [CONTAINER]
    assert found["instrument"]["device"] == "portal-3"
    assert found["occupancy"]["from"].endswith("-06:00")
    assert found["occupancy"]["samples"] < found["occupancy"]["of_samples"] == 214
    assert found["background"]["seconds"] == 60
    assert found["background"]["neutron"] > 0
    assert found["counts"]["seconds"] == pytest.approx(21.4)
    assert found["alarm"] == {"raised": False, "which": []}


def test_gross_counts_are_the_sums_of_the_samples(readers: Readers) -> None:
    file = SpecUtils.SpecFile()
    assert file.loadFromN42(BytesIO(RECORD))
    samples = [each for each in file.measurements() if each.realTime() < 1]
    found = reading_of(readers, RECORD).found["counts"]
    assert found["gamma"] == sum(each.gammaCountSum() for each in samples)
    assert found["neutron"] == sum(each.neutronCountsSum() for each in samples)


def test_an_alarm_is_found(readers: Readers) -> None:
    (alarm,) = reading_of(readers, n42(treated_driver=True)).found["alarm"]["which"]
    assert alarm["category"] == "Gamma"
    assert "sigma" in alarm["description"]


def test_people_get_a_spectrum_and_a_count_profile(readers: Readers) -> None:
    renditions = reading_of(readers, RECORD).renditions
    assert [each.title for each in renditions] == ["spectrum", "count profile"]
    for each in renditions:
        assert Image.open(BytesIO(each.data)).size == (960, 480)


def test_a_real_portal_s_record_of_2006_is_read(readers: Readers, foreign: Path) -> None:
    with (foreign / "radiation" / "portal-passthrough.n42").open("rb") as file:
        reading = readers.read(file, media_type=N42, category="radiation")
    assert (reading.outcome, reading.format) == ("read", "N42.42-2006")
    assert reading.found["lane"] == 1
    assert reading.found["measurements"] == 1064
    assert reading.found["counts"] == {"gamma": 600266.0, "neutron": None, "seconds": 33.29}
    assert reading.found["occupancy"]["number"] == 1
    assert reading.found["occupancy"]["from"] == "2010-01-24T00:08:24.078Z"
    assert reading.found["alarm"]["raised"] is None
    assert len(reading.renditions) == 2


def test_the_fingerprint_is_of_the_counts_and_not_of_the_edition(readers: Readers) -> None:
    other = converted(RECORD, lambda file, out: file.write2012N42Xml(out))
    assert other != RECORD
    assert reading_of(readers, other).fingerprints == reading_of(readers, RECORD).fingerprints


def test_the_fingerprint_of_a_real_record_outlives_the_change_of_edition(
    readers: Readers, foreign: Path
) -> None:
    record = (foreign / "radiation" / "portal-passthrough.n42").read_bytes()
    newer = reading_of(readers, converted(record, lambda file, out: file.write2012N42Xml(out)))
    assert newer.format == "N42.42-2012"
    assert newer.fingerprints == reading_of(readers, record).fingerprints


def test_one_more_count_is_another_fingerprint(readers: Readers) -> None:
    at = RECORD.index(b"<ChannelData>") + len(b"<ChannelData>")
    other = RECORD[:at] + b"1" + RECORD[at:]
    assert reading_of(readers, other).fingerprints != reading_of(readers, RECORD).fingerprints


def test_the_record_of_another_container_is_complained_of_without_naming_it(readers: Readers) -> None:
    reading = reading_of(readers, RECORD, Expectations(container="MSCU1234566"))
    assert codes(reading) == ["other-container"]
    assert CONTAINER not in reading.complaints[0].message


ENTITY = b'<!DOCTYPE r [<!ENTITY a "aaaaaaaaaa">%s]>' % b"".join(
    b'<!ENTITY %c "%s">' % (98 + n, b"&%c;" % (97 + n) * 10) for n in range(9)
)
HEAD, REST = RECORD.split(b"?>", 1)
COUNTS = re.compile(rb"(<ChannelData>|<CountData>)([\d ]+)")
HOSTILE = {
    "truncated": (RECORD[: len(RECORD) // 2], "xml-syntax"),
    "a billion laughs": (HEAD + b"?>" + ENTITY + REST.replace(b"portal-3", b"&j;"), "xml-dtd"),
    "an external entity": (
        HEAD
        + b'?><!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
        + REST.replace(b"portal-3", b"&x;"),
        "xml-dtd",
    ),
    "the words of N42 in other XML": (b"<page>RadInstrumentData</page>", "not-n42"),
    "no measurements": (
        b'<RadInstrumentData xmlns="http://physics.nist.gov/N42/2011/N42"></RadInstrumentData>',
        "n42-unreadable",
    ),
    "nothing but zeros": (
        COUNTS.sub(lambda counts: counts[1] + re.sub(rb"\d+", b"0", counts[2]), RECORD),
        "nothing-counted",
    ),
    "channels without end": (
        RECORD.replace(b"<ChannelData>", b"<ChannelData>" + b"1 " * 200_000, 1),
        "n42-unreadable",
    ),
    "nested without end": (b"<RadInstrumentData>" + b"<a>" * 100_000, "xml-too-large"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_record_is_complained_of(readers: Readers, name: str) -> None:
    data, code = HOSTILE[name]
    reading = reading_of(readers, data)
    assert code in codes(reading)
    assert reading.outcome == "complained"
    assert "root:" not in repr(reading)


def test_a_record_of_500_megabytes_is_refused_before_it_is_held(readers: Readers) -> None:
    start = RECORD[: RECORD.index(b"<ChannelData>") + len(b"<ChannelData>")]
    block = b"1 " * (1 << 19)
    with in_memory([start, *[block] * 500], max_bytes=1 << 30) as item:
        reading = readers.read(item, media_type=N42, category="radiation")
    assert codes(reading) == ["xml-too-large"]

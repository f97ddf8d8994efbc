"""Scans in DICOS: what they say of themselves is read, their pixels are drawn where nothing hides them."""

from io import BytesIO
from typing import Any

import numpy as np
import pytest
from PIL import Image
from pydicom import Dataset, dcmread
from pydicom.uid import DICOSThreatDetectionReportStorage, JPEGLSLossless

from ledger.domain.errors import CorridorError
from ledger.readers.formats import dicos
from tests.readers.items import codes, read

ROWS, COLUMNS = 120, 200


def _scan(**changes: Any) -> bytes:
    """Return a scan of a gradient with a dark box in it."""
    data = dcmread(BytesIO(dicos.tiny()))
    pixels = np.tile(np.linspace(2000, 60_000, COLUMNS, dtype=np.uint16), (ROWS, 1))
    pixels[40:80, 60:140] = 500
    data.Rows, data.Columns, data.PixelData = ROWS, COLUMNS, pixels.tobytes()
    data.Manufacturer, data.StationName, data.DICOSVersion = "Scanners Example", "gate-1", "V02A"
    data.OOIType = "CONTAINER"
    for name, value in changes.items():
        setattr(data, name, value)
    return _bytes(data)


def _bytes(data: Dataset) -> bytes:
    out = BytesIO()
    data.save_as(out, enforce_file_format=True)
    return out.getvalue()


def test_a_scan_tells_device_and_station_and_is_drawn() -> None:
    reading = read(dicos, _scan(), media_type="application/dicom", category="scan")
    assert (reading.format, reading.outcome) == ("DICOS", "read")
    tags = reading.found["tags"]
    assert (tags["Manufacturer"], tags["StationName"], tags["OOIType"]) == (
        "Scanners Example",
        "gate-1",
        "CONTAINER",
    )
    assert Image.open(BytesIO(reading.renditions[0].data)).size == (COLUMNS, ROWS)


def test_names_of_patients_are_not_read() -> None:
    assert "Somebody" not in repr(read(dicos, _scan(PatientName="Somebody", PatientID="Somebody")))


def test_the_same_pixels_have_the_same_fingerprint_whatever_is_said_beside_them() -> None:
    one, other = (read(dicos, _scan(StationName=name)).fingerprints for name in ("gate-1", "gate-2"))
    assert [each.exact for each in one] == [each.exact for each in other]
    assert one


def test_a_scan_of_a_hospital_is_no_dicos() -> None:
    assert read(dicos, _scan(SOPClassUID="1.2.840.10008.5.1.4.1.1.7")).format == "DICOM"


def test_a_report_without_a_picture_is_read() -> None:
    report = {"SOPClassUID": DICOSThreatDetectionReportStorage, "AlarmDecision": "ALARM"}
    data = dcmread(BytesIO(_scan(**report, NumberOfAlarmObjects=1)))
    for name in ("PixelData", "Rows", "Columns"):
        delattr(data, name)
    reading = read(dicos, _bytes(data))
    assert (reading.outcome, reading.renditions) == ("read", ())
    assert (reading.found["tags"]["AlarmDecision"], reading.found["tags"]["NumberOfAlarmObjects"]) == (
        "ALARM",
        1,
    )


def _compressed() -> bytes:
    data = dcmread(BytesIO(_scan()))
    data.file_meta.TransferSyntaxUID = JPEGLSLossless
    data.PixelData = b"\xfe\xff\x00\xe0\0\0\0\0\xfe\xff\x00\xe0\x02\0\0\0\xff\xd8\xfe\xff\xdd\xe0\0\0\0\0"
    data["PixelData"].is_undefined_length = True
    return _bytes(data)


ODD = {
    "compressed": (_compressed, "picture-not-drawn"),
    "in colour": (lambda: _scan(SamplesPerPixel=3), "picture-not-drawn"),
    "32 bits": (lambda: _scan(BitsAllocated=32), "picture-not-drawn"),
    "pixels cut off": (lambda: _scan(Rows=ROWS * 2), "truncated"),
    "60,000 by 60,000 pixels": (lambda: _scan(Rows=60_000, Columns=60_000), "picture-too-large"),
    "no rows": (lambda: _scan(Rows=0), "picture-too-large"),
    "something before it": (lambda: b"\xff\xd8\xff" + bytes(125) + _scan()[128:], "two-formats"),
}


@pytest.mark.parametrize("name", sorted(ODD))
def test_a_picture_that_cannot_be_trusted_is_complained_of_and_its_tags_are_read(name: str) -> None:
    make, code = ODD[name]
    reading = read(dicos, make())
    assert codes(reading) == [code]
    assert reading.found["tags"]["StationName"] == "gate-1"


def test_a_scan_cut_off_in_its_tags_is_refused_or_complained_of() -> None:
    with pytest.raises(CorridorError) as caught:
        read(dicos, _scan()[:170])
    assert caught.value.code == "dicom-damaged"

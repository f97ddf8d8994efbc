"""DICOS (NEMA IIC 1) and DICOM: what a scan says of itself, and its picture where it is not compressed.

The original stays what it is; the vendor's own rendition of it is an item of its own. Names of patients,
which DICOM has room for, are not read.
"""

import logging
from functools import cache
from importlib.metadata import version as version_of
from io import BytesIO
from typing import TYPE_CHECKING, Any, BinaryIO
from warnings import catch_warnings

from ledger.domain.errors import MalformedError
from ledger.readers import claims
from ledger.readers.formats import pixels
from ledger.readers.reading import Complaint, Reading
from ledger.readers.registry import Context

if TYPE_CHECKING:
    from numpy.typing import NDArray

NAME = "dicos/pydicom"
FORMAT = "DICOM"

_DICOS = "1.2.840.10008.5.1.4.1.1.501."
"""Root of the storage classes of DICOS."""
_REPORT = f"{_DICOS}3"
"""Of threat detection reports, which hold no picture."""
_MAX_VALUE = 200
_PREAMBLE = 128
_CUT = Complaint("truncated", "the picture is not all there")
_TWO_IN_ONE = Complaint(
    "two-formats", "something else stands before the scan: the file may be two things at once"
)
_TAGS = (
    *("SOPClassUID", "SOPInstanceUID", "Modality", "Manufacturer", "ManufacturerModelName"),
    *("DeviceSerialNumber", "StationName", "SoftwareVersions", "InstitutionName", "StudyDate", "StudyTime"),
    *("SeriesDate", "SeriesTime", "ContentDate", "ContentTime", "AcquisitionDate", "AcquisitionTime"),
    *("InstanceCreationDate", "InstanceCreationTime", "StudyInstanceUID", "SeriesInstanceUID", "KVP"),
    *("Rows", "Columns", "NumberOfFrames", "BitsAllocated", "BitsStored", "PhotometricInterpretation"),
    *(
        "DICOSVersion",
        "OOIType",
        "OOITypeDescriptor",
        "ScanType",
        "AcquisitionStatus",
        "TransportClassification",
    ),
    *("RouteID", "CarrierID", "ItineraryID", "InspectionSelectionCriteria", "TDRType", "AlarmDecision"),
    *("AlarmDecisionTime", "AbortFlag", "AbortReason", "NumberOfTotalObjects", "NumberOfAlarmObjects"),
    *("ThreatDetectionAlgorithmAndVersion", "TotalProcessingTime"),
)


@cache
def version() -> str:
    """Return the version of this reader and of pydicom."""
    return f"1/{version_of('pydicom')}"


def prepare() -> None:
    """Load the library by reading a tiny picture."""
    from pydicom import config

    # What it warns and logs of quotes the item.
    logging.getLogger("pydicom").disabled = True
    config.settings.reading_validation_mode = config.IGNORE
    pixels.prepare()
    version()
    scan = tiny()
    read(BytesIO(scan), Context(len(scan), "application/dicom", "scan"))


def accepts(head: bytes, size: int) -> bool:
    """Return whether an item has the preamble of a DICOM file (DICOM PS3.10, section 7.1)."""
    return size > 132 and head[128:132] == b"DICM"


def read(source: BinaryIO, context: Context) -> Reading:
    """Return the tags of a scan, and its first picture.

    Raises:
        MalformedError: The tags cannot be read.
    """
    source.seek(0)
    wrong = claims.media_type(context, ("application/dicom", "application/dicos"))
    if source.read(_PREAMBLE).strip(b"\0"):
        wrong += (_TWO_IN_ONE,)
    try:
        with catch_warnings(action="ignore"):
            return _read(source, wrong)
    except (MemoryError, MalformedError):
        raise
    except Exception:  # noqa: BLE001 - of damaged bytes pydicom makes errors of any kind
        raise MalformedError("dicom-damaged", "the DICOS or DICOM file is damaged or was cut off") from None


def _read(source: BinaryIO, wrong: tuple[Complaint, ...]) -> Reading:
    from pydicom import dcmread

    source.seek(0)
    data = dcmread(source)
    found = {"tags": _said(data), "transfer_syntax": _text(data.file_meta.get("TransferSyntaxUID"))}
    kind = "DICOS" if str(data.get("SOPClassUID", "")).startswith(_DICOS) else FORMAT
    if "SOPClassUID" not in data:
        raise MalformedError(
            "dicom-damaged", "the file does not say what it is: it is damaged or was cut off"
        )
    if "PixelData" not in data:
        pictured = "Rows" in data or (kind == "DICOS" and data.SOPClassUID != _REPORT)
        return Reading(NAME, version(), kind, found, (*wrong, _CUT) if pictured else wrong)
    try:
        page = _page(data)
    except MalformedError as error:
        return Reading(NAME, version(), kind, found, (*wrong, Complaint(error.code, error.message)))
    alike = pixels.fingerprint("scan", page)
    lit = page.max() - page if data.get("PhotometricInterpretation") == "MONOCHROME1" else page
    of_16_bits = lit.dtype.itemsize == 2
    pictures = pixels.windows("picture 1", lit) if of_16_bits else [pixels.shown("picture 1", lit)]
    return Reading(NAME, version(), kind, found, wrong, tuple(pictures), (alike,) if alike else ())


def _said(data: Any) -> dict[str, str | int | float]:
    said = {name: _value(data[name].value) for name in _TAGS if name in data}
    return {name: value for name, value in said.items() if value not in (None, "")}


def _value(value: object) -> str | int | float | None:
    if isinstance(value, int):
        return int(value)
    return float(value) if isinstance(value, float) else _text(value)


def _text(value: object) -> str | None:
    return None if value is None else str(value).encode("utf-8", "replace").decode()[:_MAX_VALUE]


def _page(data: Any) -> "NDArray[Any]":
    """Return the first picture.

    Raises:
        MalformedError: Compressed, of a kind that is not drawn, too large, or not all there.
    """
    import numpy as np

    rows, columns = int(data.get("Rows") or 0), int(data.get("Columns") or 0)
    if not 0 < rows * columns <= pixels.MAX_PIXELS:
        raise MalformedError("picture-too-large", f"a picture must have 1 to {pixels.MAX_PIXELS} pixels")
    syntax, bits = data.file_meta.TransferSyntaxUID, data.get("BitsAllocated")
    if syntax.is_encapsulated or data.get("SamplesPerPixel", 1) != 1 or bits not in {8, 16}:
        message = "the picture is compressed or of a kind that is not drawn; the vendor's rendition shows it"
        raise MalformedError("picture-not-drawn", message)
    if len(data.PixelData) < rows * columns * bits // 8:
        raise MalformedError(_CUT.code, _CUT.message)
    stored = np.dtype("u1" if bits == 8 else "<u2" if syntax.is_little_endian else ">u2")
    page = np.frombuffer(data.PixelData, stored, rows * columns).reshape(rows, columns)
    return page.astype(stored.newbyteorder("="))


def tiny() -> bytes:
    """Return a scan of 8 by 8 pixels that shows nothing."""
    from pydicom import Dataset, FileMetaDataset
    from pydicom.uid import UID, DICOSCTImageStorage, ExplicitVRLittleEndian

    data = Dataset()
    data.file_meta = FileMetaDataset()
    data.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    data.file_meta.MediaStorageSOPClassUID = data.SOPClassUID = DICOSCTImageStorage
    data.file_meta.MediaStorageSOPInstanceUID = data.SOPInstanceUID = UID("2.25.1")
    data.Rows = data.Columns = 8
    data.SamplesPerPixel, data.PhotometricInterpretation = 1, "MONOCHROME2"
    data.BitsAllocated = data.BitsStored = 16
    data.HighBit, data.PixelRepresentation = 15, 0
    data.ContentDate, data.KVP = "20260101", "6000"
    data.PixelData = bytes(128)
    out = BytesIO()
    data.save_as(out, enforce_file_format=True)
    return out.getvalue()

"""DICOS (NEMA IIC 1) and DICOM: what a scan says of itself, and its picture where it is not compressed.

The original stays what it is; the vendor's own rendition of it is an item of its own. Names of patients,
which DICOM has room for, are not read.
"""

from functools import cache
from hashlib import sha256
from importlib.metadata import version as version_of
from io import BytesIO
from struct import error as StructError  # noqa: N812 - what it is
from typing import TYPE_CHECKING, Any, BinaryIO
from warnings import catch_warnings

from ledger.domain.errors import MalformedError
from ledger.readers.formats import stills
from ledger.readers.reading import Complaint, Fingerprint, Reading, Rendition
from ledger.readers.registry import Context

if TYPE_CHECKING:
    from PIL.Image import Image

NAME = "dicos/pydicom"
FORMAT = "DICOM"

_DICOS = "1.2.840.10008.5.1.4.1.1.501."
"""Root of the storage classes of DICOS."""
_MAX_VALUE = 200
_MAX_PIXELS = 128_000_000
_WIDEST = 2000
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
    stills.prepare()
    version()
    tiny = BytesIO(_tiny())
    read(tiny, Context(len(tiny.getvalue()), "application/dicom", "scan"))


def accepts(head: bytes, size: int) -> bool:
    """Return whether an item has the preamble of a DICOM file (DICOM PS3.10, section 7.1)."""
    return size > 132 and head[128:132] == b"DICM"


def read(source: BinaryIO, context: Context) -> Reading:  # noqa: ARG001 - the protocol's
    """Return the tags of a scan, and its first picture.

    Raises:
        MalformedError: The tags cannot be read.
    """
    from pydicom import dcmread
    from pydicom.errors import InvalidDicomError

    source.seek(0)
    try:
        # Its warnings quote the item.
        with catch_warnings(action="ignore"):
            data = dcmread(source)
            found = {"tags": _said(data), "transfer_syntax": _text(data.file_meta.get("TransferSyntaxUID"))}
    except (InvalidDicomError, StructError, OSError, ValueError, LookupError, TypeError, AttributeError):
        raise MalformedError("dicom-damaged", "the DICOS or DICOM file is damaged or was cut off") from None
    kind = "DICOS" if str(data.get("SOPClassUID", "")).startswith(_DICOS) else FORMAT
    if "PixelData" not in data:
        cut = (Complaint("truncated", "the picture is not all there"),) if "Rows" in data else ()
        return Reading(NAME, version(), kind, found, cut)
    try:
        pixels, image = _picture(data)
    except MalformedError as error:
        return Reading(NAME, version(), kind, found, (Complaint(error.code, error.message),))
    picture = Rendition("picture 1", "image/png", _png(image))
    alike = Fingerprint("scan", pixels, stills.perceptual(image))
    return Reading(NAME, version(), kind, found, (), (picture,), (alike,))


def _said(data: Any) -> dict[str, str | int | float]:
    said = {name: _value(data[name].value) for name in _TAGS if name in data}
    return {name: value for name, value in said.items() if value not in (None, "")}


def _value(value: object) -> str | int | float | None:
    if isinstance(value, int):
        return int(value)
    return float(value) if isinstance(value, float) else _text(value)


def _text(value: object) -> str | None:
    return None if value is None else str(value).encode("utf-8", "replace").decode()[:_MAX_VALUE]


def _picture(data: Any) -> tuple[bytes, "Image"]:
    """Return the SHA-256 of the pixels of the first picture, and the picture in 8 bits.

    Raises:
        MalformedError: Compressed, of a kind that is not drawn, too large, or not all there.
    """
    import numpy as np
    from PIL import Image

    rows, columns = int(data.get("Rows") or 0), int(data.get("Columns") or 0)
    if not 0 < rows * columns <= _MAX_PIXELS:
        raise MalformedError("picture-too-large", f"a picture must have 1 to {_MAX_PIXELS} pixels")
    if data.file_meta.TransferSyntaxUID.is_encapsulated or data.get("SamplesPerPixel", 1) != 1:
        message = "the picture is compressed or in colour, and was not drawn; the vendor's rendition shows it"
        raise MalformedError("picture-not-drawn", message)
    kinds = {8: "u1", 16: "u2", 32: "u4"}
    bits = data.get("BitsAllocated")
    if bits not in kinds or len(data.PixelData) < rows * columns * bits // 8:
        raise MalformedError("truncated", "the picture is not all there")
    order = "<" if data.file_meta.TransferSyntaxUID.is_little_endian else ">"
    pixels = np.frombuffer(data.PixelData, f"{order}{kinds[bits]}", rows * columns).reshape(rows, columns)
    low, high = (float(each) for each in np.percentile(pixels, (0.5, 99.5)))
    shown = np.clip((pixels.astype(np.float32) - low) * (255 / max(high - low, 1.0)), 0, 255).astype(np.uint8)
    if data.get("PhotometricInterpretation") == "MONOCHROME1":
        shown = 255 - shown
    return sha256(pixels.tobytes()).digest(), Image.fromarray(shown)


def _png(image: "Image") -> bytes:
    image.thumbnail((_WIDEST, _WIDEST))
    out = BytesIO()
    image.save(out, "PNG")
    return out.getvalue()


def _tiny() -> bytes:
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

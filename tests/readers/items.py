"""Items for the readers' tests: read in this process, made here, or of other projects where they lie."""

from functools import cache
from io import BytesIO
from pathlib import Path
from types import ModuleType

import pytest

from ledger.demo.data.dossier import dossier_files
from ledger.demo.data.index import Files
from ledger.demo.facts import Facts
from ledger.readers.reading import Reading
from ledger.readers.registry import HEAD_BYTES, Context, Expectations

FOREIGN = Path(__file__).parents[3] / "shared" / "fixtures"


@cache
def demo() -> Files:
    """Return the files of the demo's honest trip, the scan made small."""
    return dossier_files(Facts.default(), scale=0.05)


def made(name: str) -> bytes:
    """Return one file of the demo."""
    return demo()[name].data


def foreign(path: str) -> bytes:
    """Return a file of another project; skip the test where it is not there."""
    file = FOREIGN / path
    if not file.exists():
        pytest.skip(f"the foreign file {path} is not on this machine")
    return file.read_bytes()


def read(
    reader: ModuleType,
    data: bytes,
    *,
    media_type: str = "application/octet-stream",
    category: str = "paper",
    expectations: Expectations | None = None,
) -> Reading:
    """Read an item in this process, as its child would."""
    _prepare(reader)
    assert reader.accepts(data[:HEAD_BYTES], len(data))
    context = Context(len(data), media_type, category, expectations or Expectations())
    reading: Reading = reader.read(BytesIO(data), context)
    return reading


@cache
def _prepare(reader: ModuleType) -> None:
    reader.prepare()


def codes(reading: Reading) -> list[str]:
    """Return the codes of its complaints."""
    return [each.code for each in reading.complaints]

import csv
import json
from collections.abc import Callable
from datetime import datetime
from hashlib import sha256
from io import BytesIO, StringIO
from pathlib import Path
from xml.etree import ElementTree as ET

import av
import numpy as np
import pypdf
import pytest
import SpecUtils
import tifffile
from PIL import Image
from pydifact.segmentcollection import Interchange

from ledger.demo.data import EvidenceFile, Files, dossier_files, other_files
from ledger.demo.data.index import Recipe
from ledger.demo.facts import Facts

pytestmark = pytest.mark.filterwarnings("ignore::pydifact.exceptions.MissingImplementationWarning")

SCALE = 0.1
CATEGORIES = {"paper", "commercial", "filing", "scan", "radiation", "video", "photo", "log", "seal", "status"}


def shown(data: bytes) -> str:
    with Image.open(BytesIO(data)) as image:
        image.load()
        return str(image.format)


def spectra(data: bytes, folder: Path) -> int:
    path = folder / "record"
    path.write_bytes(data)
    file = SpecUtils.SpecFile()
    file.loadFile(str(path), SpecUtils.ParserType.N42_2012)
    return int(file.numMeasurements())


def played(data: bytes) -> float:
    with av.open(BytesIO(data), "r") as file:
        return sum(1 for _ in file.decode(video=0)) / 10


READERS: dict[str, Callable[[bytes, Path], object]] = {
    "application/pdf": lambda data, _: len(pypdf.PdfReader(BytesIO(data), strict=True).pages) == 1,
    "application/json": lambda data, _: json.loads(data),
    "application/xml": lambda data, _: ET.fromstring(data).tag == "DUCA",
    "application/EDIFACT": lambda data, _: list(Interchange.from_str(data.decode()).get_messages()),
    "image/tiff": lambda data, _: tifffile.imread(BytesIO(data), key=0).dtype == np.uint16,
    "image/png": lambda data, _: shown(data) == "PNG",
    "image/jpeg": lambda data, _: shown(data) == "JPEG",
    "video/mp4": lambda data, _: 4 < played(data) <= 8,
    "text/csv": lambda data, _: len(list(csv.DictReader(StringIO(data.decode())))) > 400,
    "application/vnd.n42+xml": lambda data, folder: spectra(data, folder) > 100,
}


@pytest.fixture(scope="module")
def honest(facts: Facts) -> Files:
    return dossier_files(facts, scale=SCALE)


@pytest.fixture(scope="module")
def otherwise(facts: Facts) -> Files:
    return other_files(facts, scale=SCALE)


def everything(*sets: Files) -> list[EvidenceFile]:
    return [each for files in sets for each in files.values()]


def test_every_file_opens_in_a_reader_of_its_media_type(
    honest: Files, otherwise: Files, tmp_path: Path
) -> None:
    for each in everything(honest, otherwise):
        assert READERS[each.media_type](each.data, tmp_path), each.name
        assert each.category in CATEGORIES


def test_every_kind_of_evidence_is_there(honest: Files) -> None:
    assert {each.category for each in honest.values()} == CATEGORIES
    assert {each.media_type for each in honest.values()} == set(READERS)


def test_what_the_dossier_holds_was_made_before_it_is_due(facts: Facts, honest: Files) -> None:
    late = [each.name for each in honest.values() if each.at > facts.times.dossier_ready]
    assert late == ["reefer-log-voyage.csv"]
    filed = [honest[name].at for name in ("carrier-manifest.edi", "importer-security-filing.json")]
    assert max(filed) < facts.times.filings_due
    assert honest["stow-plan.edi"].at < facts.times.stow_plan_due


def test_what_does_not_go_as_planned_differs_from_the_honest_file(honest: Files, otherwise: Files) -> None:
    assert not set(honest) & set(otherwise)
    digests = {sha256(each.data).digest() for each in everything(honest, otherwise)}
    assert len(digests) == len(honest) + len(otherwise)


def test_the_swapped_scan_names_another_box_and_the_parcel_scan_names_this_one(
    facts: Facts, honest: Files, otherwise: Files
) -> None:
    def container(each: EvidenceFile) -> object:
        with tifffile.TiffFile(BytesIO(each.data)) as file:
            return json.loads(file.pages.first.description)["container"]

    assert container(otherwise["xray-other-box.tif"]) == facts.exceptions.other_container
    assert container(otherwise["xray-parcel.tif"]) == facts.identifiers.container
    clean, hidden = (
        tifffile.imread(BytesIO(each.data), key=1).astype(int)
        for each in (honest["xray-gate.tif"], otherwise["xray-parcel.tif"])
    )
    changed = np.abs(clean - hidden) > 10_000
    assert 0 < changed.mean() < 0.01
    # All of it lies at the machinery end, before the first pallet.
    assert np.nonzero(changed)[1].max() < changed.shape[1] * 1.8 / 15


def test_the_picture_of_a_scan_belongs_to_its_measurement(honest: Files) -> None:
    counts = tifffile.imread(BytesIO(honest["xray-gate.tif"].data), key=1).astype(float)
    with Image.open(BytesIO(honest["xray-gate.png"].data)) as image:
        bright = np.asarray(image.convert("L"), dtype=float)[: counts.shape[0]]
    assert np.corrcoef(np.log(counts + 1).ravel(), bright.ravel())[0, 1] > 0.9


@pytest.mark.parametrize("make", [dossier_files, other_files], ids=["honest", "otherwise"])
def test_the_same_seed_gives_the_same_files_in_any_order(
    facts: Facts, make: Callable[..., Files], honest: Files, otherwise: Files
) -> None:
    first = honest if make is dossier_files else otherwise
    again = make(facts, scale=SCALE)
    for name in reversed(list(again)):
        assert again[name] == first[name], name


def test_another_seed_gives_another_scan_and_the_same_papers(facts: Facts, honest: Files) -> None:
    other = dossier_files(facts, seed=7, scale=SCALE)
    assert other["xray-gate.tif"] != honest["xray-gate.tif"]
    assert other["commercial-invoice.pdf"] == honest["commercial-invoice.pdf"]


def test_a_file_that_is_not_there_is_a_key_error(honest: Files) -> None:
    with pytest.raises(KeyError):
        honest["invoice.docx"]


def test_a_file_is_made_when_it_is_asked_for_and_once(facts: Facts) -> None:
    made = []

    def make(_: np.random.Generator, at: datetime) -> bytes:
        made.append(at)
        return b"{}"

    recipe = Recipe("application/json", "status", facts.times.lading, make)
    files = Files({"a.json": recipe, "b.json": recipe}, seed=1)
    assert (list(files), len(files), made) == (["a.json", "b.json"], 2, [])
    assert files["a.json"] is files["a.json"]
    assert made == [facts.times.lading]

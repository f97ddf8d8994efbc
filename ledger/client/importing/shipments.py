"""Shipments as tables and files say them: checked cell by cell before anything is signed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Self

from ledger.client.importing.columns import Column
from ledger.client.importing.values import Habits, amount, moment, parts, whole_number
from ledger.domain import fields, identifiers
from ledger.domain.errors import MalformedError
from ledger.domain.subject import Subject

PAPER_FILES: Final[Mapping[str, str]] = {
    "commercial-invoice": "commercial",
    "packing-list": "paper",
    "verified-gross-mass": "paper",
    "export-declaration": "filing",
    "export-licence": "paper",
    "phytosanitary-certificate": "paper",
    "certification-of-origin": "paper",
}
"""Papers that may come as files, and the category of evidence that each is."""

COLUMNS: Final = (
    Column(
        "consignment",
        "carrier code (SCAC) and bill of lading, joined by a full stop",
        ("bill_of_lading", "B/L", "conocimiento_de_embarque", "embarque"),
        needed=True,
    ),
    Column("container", "number of the container (ISO 6346)", ("contenedor",), needed=True),
    Column("seal", "number of the seal on its doors", ("precinto", "marchamo")),
    Column("stuffed_at", "when it was stuffed and sealed", ("fecha_de_llenado", "llenado")),
    Column("place", "where that was", ("lugar",)),
    Column("packages", "how many packages are in it", ("bultos", "cajas", "cartons")),
    Column("net_kg", "kilograms of the goods", ("peso_neto_kg", "peso_neto")),
    Column("gross_kg", "kilograms with their packages", ("peso_bruto_kg", "peso_bruto")),
    Column(
        "vgm_kg",
        "verified gross mass: kilograms of the container with all that is in it",
        ("vgm", "masa_bruta_verificada"),
    ),
    Column("hs", "tariff number, 4 to 12 digits", ("hs_code", "hts", "partida_arancelaria", "inciso")),
    Column("goods", "what they are", ("description", "mercancia", "descripcion")),
    Column("value", "what they are worth; concealed", ("valor",)),
    Column("currency", "in which currency, ISO 4217", ("moneda",)),
    Column("exporter", "name of the exporter", ("exportador",)),
    Column("consignee", "name of the consignee", ("consignatario",)),
    Column("booking", "number of the booking", ("reserva",)),
    Column("invoice", "number of the invoice", ("numero_de_factura", "factura")),
    Column("loading", "port of loading, UN/LOCODE", ("port_of_loading", "puerto_de_carga")),
    Column("discharge", "port of discharge, UN/LOCODE", ("port_of_discharge", "puerto_de_descarga")),
    Column("share_with", "organisations that may read it, URIs", ("compartir_con",)),
    Column("commercial_invoice", "file of the invoice", ("archivo_factura", "factura_comercial")),
    Column("packing_list", "file of the packing list", ("lista_de_empaque",)),
    Column("verified_gross_mass", "file of the verified gross mass", ("certificado_de_masa",)),
    Column("export_declaration", "file of the export declaration", ("declaracion_de_exportacion", "duca")),
    Column("export_licence", "file of the export licence", ("licencia_de_exportacion",)),
    Column(
        "phytosanitary_certificate", "file of the phytosanitary certificate", ("certificado_fitosanitario",)
    ),
    Column("certification_of_origin", "file of the certification of origin", ("certificado_de_origen",)),
)
OF_BOX: Final = ("container", "seal", "stuffed_at", "place", "packages", "net_kg", "gross_kg", "vgm_kg")
"""Columns that are about one container."""
_KG: Final = ("net_kg", "gross_kg", "vgm_kg")
_TEXTS: Final = ("goods", "currency", "exporter", "consignee", "booking", "invoice", "loading", "discharge")


@dataclass(frozen=True, slots=True)
class Box:
    """A container of a shipment.

    Args:
        container: Its number.
        seal: Number of its seal.
        stuffed_at: When it was stuffed and sealed, RFC 3339.
        place: Where.
        amounts: `packages`, `net_kg`, `gross_kg`, `vgm_kg` as far as they are told.
    """

    container: str
    seal: str | None = None
    stuffed_at: str | None = None
    place: str | None = None
    amounts: Mapping[str, float | int] = field(default_factory=dict)

    @classmethod
    def parse(cls, cells: Mapping[str, str], habits: Habits) -> Self:
        """Read it from cells; raises as `Shipment.parse`."""
        container = _needed(cells, "container").upper().replace(" ", "").replace("-", "")
        identifiers.check_container(container, "container")
        stuffed_at = moment(cells["stuffed_at"], "stuffed_at", habits) if "stuffed_at" in cells else None
        if stuffed_at is None and not {"seal", "place"}.isdisjoint(cells):
            message = "seal and place tell of the stuffing: say when that was, in stuffed_at"
            raise MalformedError("missing-cell", message, field="stuffed_at")
        amounts: dict[str, float | int] = {
            name: amount(cells[name], name, habits) for name in _KG if name in cells
        }
        if "packages" in cells:
            amounts["packages"] = whole_number(cells["packages"], "packages", habits)
        return cls(container, _text(cells, "seal", 64), stuffed_at, _text(cells, "place", 200), amounts)


@dataclass(frozen=True, slots=True)
class PaperFile:
    """A file that comes with a shipment.

    Args:
        document: Code of the paper that it is.
        path: Where it is.
    """

    document: str
    path: Path

    @property
    def category(self) -> str:
        """The category of evidence that it is."""
        return PAPER_FILES[self.document]


@dataclass(frozen=True, slots=True)
class Shipment:
    """One shipment, or one container of it.

    Args:
        consignment: What the consignment is called, as keys of subjects are.
        boxes: Its containers, each once, in the order of their numbers.
        texts: `goods`, `currency`, `exporter` and so on, as far as they are told.
        hs: Tariff number.
        value: What the goods are worth.
        share_with: URIs of organisations that may read it.
        files: Papers that come with it.
    """

    consignment: str
    boxes: tuple[Box, ...]
    texts: Mapping[str, str] = field(default_factory=dict)
    hs: str | None = None
    value: float | int | None = None
    share_with: tuple[str, ...] = ()
    files: tuple[PaperFile, ...] = ()

    @classmethod
    def parse(
        cls, cells: Mapping[str, str], boxes: Sequence[Mapping[str, str]], folder: Path, habits: Habits
    ) -> Self:
        """Read a shipment.

        Args:
            cells: What is told, by the names of `COLUMNS`.
            boxes: What is told of each container.
            folder: In which files are looked for.
            habits: How numbers and times are written.

        Raises:
            MalformedError: A cell that is needed is empty, or one is not in its form; the field names it.
        """
        consignment = _needed(cells, "consignment").upper().replace(" ", "").replace("/", ".")
        _check_key(consignment)
        read = sorted((Box.parse(one, habits) for one in boxes), key=lambda box: box.container)
        if len({one.container for one in read}) != len(read):
            raise MalformedError("container-twice", "a container is there twice", field="container")
        hs = "".join(char for char in cells["hs"] if char not in ". ") if "hs" in cells else None
        if hs is not None and not (hs.isascii() and hs.isdigit() and 4 <= len(hs) <= 12):
            raise MalformedError("bad-number", "hs must be a tariff number of 4 to 12 digits", field="hs")
        texts = {name: text for name in _TEXTS if (text := _text(cells, name, 200)) is not None}
        value = amount(cells["value"], "value", habits) if "value" in cells else None
        share_with = [fields.organisation(uri, "share_with") for uri in parts(cells.get("share_with", ""))]
        return cls(
            consignment,
            tuple(read),
            texts,
            hs,
            value,
            tuple(dict.fromkeys(share_with)),
            tuple(_files(cells, folder)),
        )

    @property
    def name(self) -> str:
        """What people call it."""
        return " ".join((self.consignment, *(one.container for one in self.boxes)))

    def total(self, name: str) -> float | int | None:
        """Return the sum of an amount over all containers, None where not each of them tells it."""
        told = [one.amounts.get(name) for one in self.boxes]
        known = [one for one in told if one is not None]
        return round(sum(known), 6) if known and len(known) == len(told) else None

    def to_json(self) -> dict[str, Any]:
        """Return all that is told in one form, to compare what a line says today with what it said before."""
        return {
            "consignment": self.consignment,
            "boxes": [
                [one.container, one.seal, one.stuffed_at, one.place, dict(sorted(one.amounts.items()))]
                for one in self.boxes
            ],
            "texts": dict(sorted(self.texts.items())),
            "hs": self.hs,
            "value": self.value,
            "share_with": sorted(self.share_with),
            "files": [[one.document, one.path.name] for one in self.files],
        }


def _needed(cells: Mapping[str, str], name: str) -> str:
    if name not in cells:
        raise MalformedError("missing-cell", f"{name} is empty", field=name)
    return cells[name]


def _check_key(consignment: str) -> None:
    # Who opens it and in which stream does not matter for the form of its number.
    try:
        identifiers.check_key(Subject.create("consignment", consignment, "urn:x", bytes(32)), "consignment")
    except MalformedError:
        message = (
            "consignment must be the carrier's code (SCAC), a full stop, and the bill of lading, such as "
            f"XMPL.261106001, not {consignment[:40]!r}"
        )
        raise MalformedError("bad-consignment", message, field="consignment") from None


def _text(cells: Mapping[str, str], name: str, longest: int) -> str | None:
    return fields.text(cells[name], name, longest=longest) if name in cells else None


def _files(cells: Mapping[str, str], folder: Path) -> list[PaperFile]:
    """Return the files that cells name; none of them leads out of the folder."""
    found: list[PaperFile] = []
    for document in PAPER_FILES:
        column = document.replace("-", "_")
        if column not in cells:
            continue
        path = (folder / cells[column]).resolve()
        if not path.is_relative_to(folder.resolve()):
            message = f"{column}: {cells[column][:80]} leads out of {folder}; put the file there"
            raise MalformedError("file-outside", message, field=column)
        if not path.is_file():
            message = f"{column}: there is no file {cells[column][:80]} in {folder}"
            raise MalformedError("no-file", message, field=column)
        found.append(PaperFile(document, path))
    return found

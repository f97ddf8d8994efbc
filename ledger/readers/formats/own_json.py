"""The JSON that exporters of this corridor write: manifest, ISF, seal records."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from ledger.readers.papers import (
    Amounts,
    Figures,
    Goods,
    Paper,
    container,
    hs_code,
    named,
    part,
    parties,
    rows_of,
    text_of,
)

_IMPORTER = ("seller", "buyer", "manufacturer", "ship_to", "consolidator", "consignee", "importer_of_record")


def paper(value: Mapping[str, Any]) -> Paper | None:
    """Return what a document says, None where it is none of these."""
    kind = value.get("document", value.get("record"))
    make = _PAPERS.get(kind) if isinstance(kind, str) else None
    return None if make is None else make(value, Figures())


def _manifest(value: Mapping[str, Any], figures: Figures) -> Paper:
    goods, weights = part(value, "goods"), part(value, "weights")
    packages, box, carrier = part(value, "packages"), part(value, "container"), part(value, "carrier")
    amounts = Amounts(
        packages=figures.number(packages.get("cartons")),
        net_kg=figures.kilograms(weights.get("net_kg")),
        gross_kg=figures.kilograms(weights.get("gross_kg")),
        tare_kg=figures.kilograms(weights.get("tare_kg")),
        vgm_kg=figures.kilograms(weights.get("vgm_kg")),
    )
    tariff = text_of(goods.get("hts10")) or text_of(goods.get("hts"))
    return Paper(
        document="manifest",
        numbers=named(
            (
                ("booking", text_of(value.get("booking"))),
                ("bill-of-lading", text_of(value.get("bill_of_lading"))),
            )
        ),
        dates=named((("issued", text_of(value.get("issued_at"))),)),
        places=named(
            (
                ("loading", text_of(part(value, "route").get("from"))),
                ("discharge", text_of(part(value, "route").get("to"))),
            )
        ),
        parties=parties(
            (
                ("issuer", text_of(value.get("issuer")), None),
                ("consignee", text_of(value.get("consignee")), None),
                ("carrier", text_of(carrier.get("name")), text_of(carrier.get("scac"))),
            )
        ),
        containers=container(
            text_of(box.get("number")), type=text_of(box.get("type")), seals=seals(value.get("seals"))
        ),
        goods=(Goods(text_of(goods.get("description")), hs_code(tariff), text_of(goods.get("origin"))),),
        totals=amounts,
        complaints=figures.complaints(),
    )


def _isf(value: Mapping[str, Any], figures: Figures) -> Paper:
    importer, ports = part(value, "importer"), part(value, "ports")
    return Paper(
        document="importer-security-filing",
        numbers=named(
            (
                ("isf", text_of(value.get("transaction"))),
                ("bill-of-lading", text_of(value.get("bill_of_lading"))),
            )
        ),
        dates=named((("filed", text_of(value.get("filed_at"))), ("due", text_of(value.get("due_at"))))),
        places=named(
            (
                ("stuffing", text_of(importer.get("container_stuffing_location"))),
                ("loading", text_of(part(ports, "lading").get("unlocode"))),
                ("discharge", text_of(part(ports, "unlading").get("unlocode"))),
            )
        ),
        parties=parties([(role.replace("_", "-"), text_of(importer.get(role)), None) for role in _IMPORTER]),
        goods=(
            Goods(
                hs=hs_code(text_of(importer.get("hts"))), origin=text_of(importer.get("country_of_origin"))
            ),
        ),
        complaints=figures.complaints(),
    )


def _seal_check(value: Mapping[str, Any], figures: Figures) -> Paper:
    return Paper(
        document="seal-check",
        dates=named((("checked", text_of(value.get("checked_at"))),)),
        places=named((("checked", text_of(value.get("place"))),)),
        containers=container(text_of(value.get("container")), seals=seals(value.get("seals_found"))),
        complaints=figures.complaints(),
    )


def _seal_certificate(value: Mapping[str, Any], figures: Figures) -> Paper:
    numbers = value.get("numbers")
    return Paper(
        document="seal-certificate",
        numbers=named((("standard", text_of(value.get("standard"))), ("class", text_of(value.get("class"))))),
        parties=parties((("maker", text_of(value.get("maker")), None),)),
        seals=tuple([each for each in numbers if isinstance(each, str)] if isinstance(numbers, list) else ()),
        complaints=figures.complaints(),
    )


_PAPERS: Mapping[str, Callable[[Mapping[str, Any], Figures], Paper]] = MappingProxyType(
    {
        "manifest": _manifest,
        "importer-security-filing": _isf,
        "seal-check": _seal_check,
        "seal-certificate": _seal_certificate,
    }
)


def seals(value: object) -> tuple[str, ...]:
    """Return the numbers of seals that are given as objects with `number`."""
    return tuple([number for each in rows_of(value) if (number := text_of(each.get("number")))])

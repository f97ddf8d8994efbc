"""The cargo manifest of ASYCUDA World (`Awmds`), as carriers hand it in; its siblings for consolidators too.

Element names are those that implementers publish; the schema itself goes with the ASYCUDA client.
"""

from collections.abc import Iterator
from xml.etree import ElementTree as ET

from ledger.readers.formats.xml_tree import text
from ledger.readers.papers import (
    Amounts,
    Container,
    Figures,
    Goods,
    Paper,
    container,
    hs_code,
    named,
    parties,
)

ROOTS = ("Awmds", "Awbolds", "Awmcds")

_HEAD = "General_segment"
_TRADERS = {"exporter": "Exporter", "consignee": "Consignee", "notify": "Notify"}


def paper(root: ET.Element) -> Paper:
    """Return what a manifest says of all its bills of lading together.

    Args:
        root: Its root, element names without namespaces.
    """
    figures = Figures()
    head, bills = root.find(_HEAD), root.findall("Bol_segment")
    voyage, carriage = "General_segment_id", "Transport_information"
    return Paper(
        document="manifest",
        numbers=named(
            (
                ("voyage", text(head, f"{voyage}/Voyage_number")),
                ("vessel", text(head, f"{carriage}/Identity_of_transporter")),
                *(("bill-of-lading", text(bill, "Bol_id/Bol_reference")) for bill in bills),
            )
        ),
        dates=named(
            (
                ("departure", text(head, f"{voyage}/Date_of_departure")),
                ("arrival", text(head, f"{voyage}/Date_of_arrival")),
            )
        ),
        places=named(
            (
                ("customs-office", text(head, f"{voyage}/Customs_office_code")),
                ("departure", text(head, "Load_unload_place/Place_of_departure_code")),
                ("destination", text(head, "Load_unload_place/Place_of_destination_code")),
                *(("loading", text(bill, "Load_unload_place/Place_of_loading_code")) for bill in bills),
                *(("discharge", text(bill, "Load_unload_place/Place_of_unloading_code")) for bill in bills),
            )
        ),
        parties=parties(
            (
                ("carrier", *_names(head, f"{carriage}/Carrier", "Carrier")),
                ("agent", *_names(head, f"{carriage}/Shipping_Agent", "Shipping_Agent")),
                *(
                    (role, *_names(bill, f"Traders_segment/{name}", name))
                    for bill in bills
                    for role, name in _TRADERS.items()
                ),
            )
        ),
        containers=tuple([box for bill in bills for box in _boxes(bill, figures)]),
        goods=tuple([line for bill in bills for line in _goods(bill, figures)]),
        totals=Amounts(
            packages=figures.number(text(head, "Totals_segment/Total_number_of_packages")),
            gross_kg=figures.kilograms(text(head, "Totals_segment/Total_gross_mass")),
        ),
        complaints=figures.complaints(),
    )


def _names(part: ET.Element | None, path: str, prefix: str) -> tuple[str | None, str | None]:
    return text(part, f"{path}/{prefix}_name"), text(part, f"{path}/{prefix}_code")


def _boxes(bill: ET.Element, figures: Figures) -> Iterator[Container]:
    for each in bill.findall("ctn_segment"):
        seals = [text(each, name) for name in ("Marks1", "Marks2", "Marks3")]
        yield from container(
            text(each, "Ctn_reference"),
            type=text(each, "Type_of_container"),
            seals=tuple([seal for seal in seals if seal]),
            amounts=Amounts(
                packages=figures.number(text(each, "Number_of_packages")),
                gross_kg=figures.kilograms(text(each, "Goods_Weight")),
                tare_kg=figures.kilograms(text(each, "Empty_weight")),
            ),
        )


def _goods(bill: ET.Element, figures: Figures) -> Iterator[Goods]:
    codes = [hs_code(each.text) for each in bill.iter() if each.tag in {"HS_code", "Commodity_code"}]
    code = next((each for each in codes if each), None)
    for line in bill.findall("Goods_segment"):
        yield Goods(
            description=text(line, "Goods_description"),
            hs=code,
            package_kind=text(line, "Package_type_code"),
            amounts=Amounts(
                packages=figures.number(text(line, "Number_of_packages")),
                gross_kg=figures.kilograms(text(line, "Gross_mass")),
            ),
        )

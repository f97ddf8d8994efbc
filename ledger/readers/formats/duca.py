"""The Central American export declaration (DUCA) as XML.

The *Declaración Única Centroamericana* is a paper with named boxes, and customs administrations carry it in
schemas of their own. Read are elements that are named after the boxes.
"""

from xml.etree import ElementTree as ET

from ledger.readers.formats.xml_tree import text
from ledger.readers.papers import Amounts, Figures, Goods, Paper, container, hs_code, named, parties

ROOT = "DUCA"


def paper(root: ET.Element) -> Paper:
    """Return what a declaration says.

    Args:
        root: Its root, element names without namespaces.
    """
    figures = Figures()
    carriage, equipment = root.find("Transporte"), root.find("Equipamiento")
    return Paper(
        document="export-declaration",
        numbers=named(
            (
                ("duca", text(root, "NumeroDUCA")),
                ("form", root.get("formulario")),
                ("vessel", text(carriage, "Buque")),
                ("voyage", text(carriage, "Viaje")),
                ("bill-of-lading", text(carriage, "ConocimientoEmbarque")),
                ("invoice", text(root, "DocumentosSoporte/Factura")),
                ("export-licence", text(root, "DocumentosSoporte/LicenciaExportacion")),
                ("phytosanitary-certificate", text(root, "DocumentosSoporte/CertificadoFitosanitario")),
            )
        ),
        dates=named((("accepted", text(root, "FechaAceptacion")),)),
        places=named(
            (("exit-office", text(root, "AduanaSalida")), ("discharge", text(carriage, "PuertoDestino")))
        ),
        parties=parties(
            (
                *(
                    (role, text(root, f"{name}/Nombre"), text(root, f"{name}/NIT"))
                    for role, name in (("exporter", "Exportador"), ("importer", "Importador"))
                ),
                ("carrier", text(carriage, "Transportista"), None),
            )
        ),
        containers=container(
            text(equipment, "Contenedor"),
            type=text(equipment, "Tipo"),
            seals=tuple(
                [each for name in ("Marchamo", "PrecintoNaviera") if (each := text(equipment, name))]
            ),
        ),
        goods=tuple([_goods(line, figures) for line in root.findall("Mercancia")]),
        totals=_amounts(root.find("Totales"), figures),
        complaints=figures.complaints(),
    )


def _goods(line: ET.Element, figures: Figures) -> Goods:
    return Goods(
        description=text(line, "Descripcion"),
        hs=hs_code(text(line, "IncisoArancelario")),
        origin=text(line, "PaisOrigen"),
        package_kind=text(line, "ClaseBultos"),
        amounts=_amounts(line, figures),
    )


def _amounts(part: ET.Element | None, figures: Figures) -> Amounts:
    return Amounts(
        packages=figures.number(text(part, "Bultos")),
        net_kg=figures.kilograms(text(part, "PesoNetoKg")),
        gross_kg=figures.kilograms(text(part, "PesoBrutoKg")),
        value=figures.number(text(part, "ValorFOB")),
        currency=text(part, "Moneda"),
    )

"""The export declaration DUCA-D as XML.

The Central American *Declaración Única* (DUCA, form D) is a paper with numbered boxes before it is a message.
The element names here follow the boxes' names; they are no copy of a customs administration's schema.
"""

from collections.abc import Sequence
from datetime import datetime
from xml.etree import ElementTree as ET

from ledger.demo.facts import Facts

Tree = tuple[str, "str | Sequence[Tree]"]


def duca_d(facts: Facts, at: datetime) -> bytes:
    """Return the declaration, in Spanish, as the exporter's agent files it.

    Args:
        facts: Parties, goods, weights, values, seals.
        at: When it was accepted.
    """
    load, numbers, tariff, parties = facts.load, facts.identifiers, facts.tariff, facts.parties
    value = f"{load.cartons * tariff.usd_per_carton:.2f}"
    root = ET.Element("DUCA", version="1", formulario="D")
    _fill(
        root,
        (
            ("NumeroDUCA", numbers.duca),
            ("FechaAceptacion", at.isoformat()),
            ("RegimenAduanero", "Exportación definitiva"),
            ("AduanaSalida", facts.route.origin),
            ("Exportador", (("Nombre", parties.exporter), ("NIT", parties.exporter_nit), ("Pais", "GT"))),
            ("Importador", (("Nombre", parties.importer), ("Pais", "US"))),
            (
                "Transporte",
                (
                    ("Modo", "Marítimo"),
                    ("Transportista", f"{parties.carrier} ({numbers.scac})"),
                    ("Buque", numbers.vessel),
                    ("Viaje", numbers.voyage),
                    ("ConocimientoEmbarque", numbers.bill_of_lading),
                    ("PuertoDestino", facts.route.destination),
                ),
            ),
            (
                "Equipamiento",
                (
                    ("Contenedor", numbers.container),
                    ("Tipo", load.container_type),
                    ("Marchamo", facts.seals.customs),
                    ("PrecintoNaviera", facts.seals.bolt),
                ),
            ),
            (
                "Mercancia",
                (
                    ("Linea", "1"),
                    ("IncisoArancelario", tariff.sac),
                    ("Descripcion", load.goods_es),
                    ("PaisOrigen", "GT"),
                    ("Bultos", str(load.cartons)),
                    ("ClaseBultos", "Cajas"),
                    ("PesoBrutoKg", str(load.gross_kg)),
                    ("PesoNetoKg", str(load.net_kg)),
                    ("ValorFOB", value),
                ),
            ),
            (
                "Totales",
                (
                    ("Moneda", "USD"),
                    ("ValorFOB", value),
                    ("Bultos", str(load.cartons)),
                    ("PesoBrutoKg", str(load.gross_kg)),
                ),
            ),
            (
                "DocumentosSoporte",
                (
                    ("Factura", numbers.invoice),
                    ("LicenciaExportacion", numbers.export_licence),
                    ("CertificadoFitosanitario", numbers.phytosanitary),
                ),
            ),
        ),
    )
    ET.indent(root, " ")
    return bytes(ET.tostring(root, encoding="utf-8", xml_declaration=True))


def _fill(parent: ET.Element, trees: Sequence[Tree]) -> None:
    for name, content in trees:
        element = ET.SubElement(parent, name)
        if isinstance(content, str):
            element.text = content
        else:
            _fill(element, content)

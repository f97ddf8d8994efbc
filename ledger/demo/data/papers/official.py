"""Papers of authorities: phytosanitary certificate, export licence, confirmation of the FDA prior notice."""

from datetime import datetime

from ledger.demo.data.papers.sheet import Sheet, moment, to_pdf
from ledger.demo.facts import Facts


def phytosanitary_certificate(facts: Facts, at: datetime) -> bytes:
    """Return the phytosanitary certificate, Spanish and English, by the model of ISPM 12, annex 1."""
    load, numbers = facts.load, facts.identifiers
    return to_pdf(
        Sheet(
            language="es",
            title="Certificado fitosanitario / Phytosanitary certificate",
            number=numbers.phytosanitary,
            issuer=facts.parties.plant_health,
            at=at,
            boxes=(
                ("De / From: organización de protección fitosanitaria de", "Guatemala"),
                ("A / To: organización de protección fitosanitaria de", "Estados Unidos / United States"),
                ("Exportador / Exporter", facts.parties.exporter),
                ("Destinatario / Consignee", facts.parties.importer),
                ("Bultos / Packages", f"{load.cartons:,} cajas / cartons, {load.pallets} tarimas / pallets"),
                ("Marcas / Marks", f"{numbers.container}, {facts.seals.bolt}"),
                ("Lugar de origen / Place of origin", facts.route.packing_house),
                ("Medio de transporte / Conveyance", f"Marítimo / sea: {numbers.vessel} {numbers.voyage}"),
                ("Punto de entrada / Point of entry", facts.route.destination_name),
                ("Producto y cantidad / Produce and quantity", f"{load.goods_es}\n{load.net_kg:,} kg"),
                ("Nombre botánico / Botanical name", "Ananas comosus"),
                ("Tratamiento / Treatment", "Ninguno / None"),
            ),
            declaration=(
                "Se certifica que las plantas o productos descritos aquí se han inspeccionado según los "
                "procedimientos oficiales adecuados y se consideran libres de plagas cuarentenarias. / The "
                "plants or plant products described herein have been inspected according to appropriate "
                "official procedures and are considered to be free from quarantine pests."
            ),
            signed_by=facts.people.inspector,
        )
    )


def export_licence(facts: Facts, at: datetime) -> bytes:
    """Return the licence of the single export window, in Spanish."""
    load, tariff, numbers = facts.load, facts.tariff, facts.identifiers
    return to_pdf(
        Sheet(
            language="es",
            title="Licencia de exportación",
            number=numbers.export_licence,
            issuer=facts.parties.export_window,
            at=at,
            boxes=(
                ("Exportador", facts.parties.exporter),
                ("NIT", facts.parties.exporter_nit),
                ("Consignatario", facts.parties.importer),
                ("País de destino", "Estados Unidos"),
                ("Aduana de salida", facts.route.origin_name),
                ("Inciso arancelario (SAC)", tariff.sac),
                ("Producto", load.goods_es),
                (
                    "Cantidad",
                    f"{load.cartons:,} cajas, {load.net_kg:,} kg netos, {load.gross_kg:,} kg brutos",
                ),
                ("Valor FOB", f"USD {load.cartons * tariff.usd_per_carton:,.2f}"),
                ("Factura", numbers.invoice),
                ("Certificado fitosanitario", numbers.phytosanitary),
                ("Contenedor", numbers.container),
            ),
            declaration="Autorizada la exportación de la mercancía descrita. Válida por un embarque.",
            signed_by=facts.people.gate_clerk,
        )
    )


def prior_notice(facts: Facts, at: datetime) -> bytes:
    """Return the confirmation of the prior notice of imported food (21 CFR 1.276 to 1.285)."""
    load, numbers, route = facts.load, facts.identifiers, facts.route
    return to_pdf(
        Sheet(
            language="en",
            title="FDA prior notice confirmation",
            number=numbers.prior_notice,
            issuer=facts.parties.broker,
            at=at,
            boxes=(
                ("Prior notice confirmation number", numbers.prior_notice),
                ("Entry type and number", f"01 consumption, {numbers.entry}"),
                ("Submitter", facts.parties.broker),
                ("Importer / FSVP importer (DUNS)", f"{facts.parties.importer} / {numbers.fsvp_importer}"),
                ("Grower and shipper", f"{facts.parties.exporter}, Guatemala"),
                ("Manufacturer's FDA registration", numbers.fda_facility),
                ("Food", load.goods),
                ("Quantity", f"{load.cartons:,} cartons of {load.net_kg_per_carton} kg, {load.net_kg:,} kg"),
                ("Carrier", f"{numbers.scac}, {numbers.vessel}, voyage {numbers.voyage}"),
                ("Bill of lading and container", f"{numbers.bill_of_lading}, {numbers.container}"),
                ("Port of arrival", f"{route.destination_name} (Schedule D {numbers.schedule_d})"),
                ("Anticipated arrival", moment(facts.times.arrival)),
            ),
            declaration="The prior notice was received and confirmed for review. Keep this number.",
            signed_by=facts.parties.broker,
        )
    )

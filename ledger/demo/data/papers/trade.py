"""Papers of the exporter: invoice, packing list, verified gross mass, certification of origin."""

from datetime import datetime

from stdnum import ean

from ledger.demo.data.papers.sheet import Sheet, to_pdf
from ledger.demo.facts import Facts

_GS1_PREFIX = "9521234"
"""GS1 keeps 952 for examples."""


def invoice(facts: Facts, at: datetime) -> bytes:
    """Return the commercial invoice, Spanish and English (19 CFR 141.86 says what it must name)."""
    load, tariff, numbers = facts.load, facts.tariff, facts.identifiers
    amount = load.cartons * tariff.usd_per_carton
    return to_pdf(
        Sheet(
            language="es",
            title="Factura comercial / Commercial invoice",
            number=numbers.invoice,
            issuer=facts.parties.exporter,
            at=at,
            boxes=(
                ("Exportador / Exporter", f"{facts.parties.exporter}\nNIT {facts.parties.exporter_nit}"),
                ("Importador / Importer", f"{facts.parties.importer}\nIRS {numbers.importer_of_record}"),
                ("Puerto de embarque / Port of lading", facts.route.origin_name),
                ("Puerto de destino / Port of unlading", facts.route.destination_name),
                ("Buque y viaje / Vessel and voyage", f"{numbers.vessel} / {numbers.voyage}"),
                ("Contenedor / Container", f"{numbers.container}, {load.container_type}"),
                ("Condiciones / Terms", f"{tariff.incoterm} {facts.route.origin_name} (Incoterms 2020), USD"),
                ("País de origen / Country of origin", "Guatemala"),
            ),
            columns=(
                "Descripción / Description",
                "HTS",
                "Cajas / Cartons",
                "Neto kg / Net kg",
                "USD",
                "Total USD",
            ),
            rows=(
                (
                    f"{load.goods_es} / {load.goods}",
                    tariff.hts,
                    f"{load.cartons:,}",
                    f"{load.net_kg:,}",
                    f"{tariff.usd_per_carton:.2f}",
                    f"{amount:,.2f}",
                ),
            ),
            declaration=(
                "Declaramos que los datos de esta factura son verdaderos y correctos. / "
                "We declare that the particulars of this invoice are true and correct."
            ),
            signed_by=facts.people.packer,
        )
    )


def packing_list(facts: Facts, at: datetime) -> bytes:
    """Return the packing list, in Spanish: every pallet with its SSCC (GS1), cartons and weights."""
    load, numbers = facts.load, facts.identifiers
    net, gross = (
        load.cartons_per_pallet * each for each in (load.net_kg_per_carton, load.gross_kg_per_carton)
    )
    return to_pdf(
        Sheet(
            language="es",
            title="Lista de empaque",
            number=f"{numbers.invoice}-LE",
            issuer=facts.parties.packer,
            at=at,
            boxes=(
                ("Exportador", facts.parties.exporter),
                ("Consignatario", facts.parties.importer),
                ("Contenedor", f"{numbers.container}, {load.container_type}"),
                ("Marchamo de la naviera (ISO 17712 H)", facts.seals.bolt),
                ("Producto", f"{load.goods_es}, GTIN {numbers.gtin}"),
                ("Temperatura de ajuste", f"{facts.reefer.set_point_c} °C"),
                ("Peso neto", f"{load.net_kg:,} kg"),
                ("Peso bruto, sin tarimas", f"{load.gross_kg:,} kg en {load.cartons:,} cajas"),
            ),
            columns=("Tarima", "SSCC", "Cajas", "Neto kg", "Bruto kg"),
            rows=tuple(
                (str(pallet), sscc(pallet), str(load.cartons_per_pallet), f"{net:.1f}", f"{gross:.1f}")
                for pallet in range(1, load.pallets + 1)
            ),
            declaration=f"Total: {load.pallets} tarimas ({load.pallets_kg} kg), {load.cartons:,} cajas.",
            signed_by=facts.people.packer,
        )
    )


def verified_gross_mass(facts: Facts, at: datetime) -> bytes:
    """Return the declaration of the verified gross mass (SOLAS VI/2, method 2: goods weighed, tare added)."""
    load, numbers = facts.load, facts.identifiers
    return to_pdf(
        Sheet(
            language="en",
            title="Verified gross mass declaration (SOLAS VI/2)",
            number=numbers.vgm_reference,
            issuer=facts.parties.exporter,
            at=at,
            boxes=(
                ("Shipper", facts.parties.exporter),
                ("Carrier", f"{facts.parties.carrier} ({numbers.scac})"),
                ("Booking", numbers.booking),
                ("Container", f"{numbers.container}, {load.container_type}"),
                ("Method", "2: all packages weighed, tare of the container added"),
                ("Verified gross mass", f"{load.vgm_kg} kg"),
                ("Cargo", f"{load.gross_kg} kg"),
                ("Pallets and tare", f"{load.pallets_kg} kg and {load.tare_kg} kg"),
            ),
            declaration="The scales are certified. The person below is authorised by the shipper.",
            signed_by=facts.people.packer,
        )
    )


def certification_of_origin(facts: Facts, at: datetime) -> bytes:
    """Return the CAFTA-DR certification of origin: the data elements that 19 CFR 10.584 asks for."""
    load, tariff, parties = facts.load, facts.tariff, facts.parties
    return to_pdf(
        Sheet(
            language="en",
            title="CAFTA-DR certification of origin",
            number=facts.identifiers.certification_of_origin,
            issuer=parties.exporter,
            at=at,
            boxes=(
                ("1. Certifying person", f"{parties.exporter}, exporter"),
                ("2. Importer of record", f"{parties.importer}\n{facts.identifiers.importer_of_record}"),
                ("3. Exporter", f"{parties.exporter}, Guatemala"),
                ("4. Producer", f"{parties.exporter}, Guatemala"),
                ("5. Good", load.goods),
                ("6. HTSUS subheading", f"{tariff.hts} ({tariff.hts10})"),
                ("7. Preference criterion", f"{tariff.origin_criterion}: wholly obtained (General Note 29)"),
                ("8. Invoice and quantity", f"{facts.identifiers.invoice}; {load.net_kg:,} kg net"),
                ("9. Period", "Single shipment"),
                (
                    "Duty",
                    f"Free ({tariff.preference}) instead of {100 * tariff.duty_usd_per_kg:.1f} cents/kg",
                ),
            ),
            declaration=(
                "I certify that the information on this document is true and accurate and I assume the "
                "responsibility for proving such representations; the goods comply with the origin "
                "requirements of the Dominican Republic - Central America - United States Free Trade "
                "Agreement."
            ),
            signed_by=facts.people.packer,
        )
    )


def sscc(pallet: int) -> str:
    """Return the serial shipping container code of a pallet (GS1 General Specifications 2.2.1)."""
    digits = f"0{_GS1_PREFIX}{pallet:09d}"
    return digits + str(ean.calc_check_digit(digits))

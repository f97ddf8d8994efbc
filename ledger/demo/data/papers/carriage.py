"""Papers of the carrier: the bill of lading."""

from datetime import datetime

from ledger.demo.data.papers.sheet import Sheet, to_pdf
from ledger.demo.facts import Facts


def bill_of_lading(facts: Facts, at: datetime) -> bytes:
    """Return the carrier's bill of lading, shipped on board."""
    load, numbers, route, parties = facts.load, facts.identifiers, facts.route, facts.parties
    return to_pdf(
        Sheet(
            language="en",
            title="Bill of lading",
            number=numbers.bill_of_lading,
            issuer=f"{parties.carrier} ({numbers.scac})",
            at=at,
            boxes=(
                ("Shipper", f"{parties.exporter}, Guatemala"),
                ("Consignee", f"{parties.importer}, United States"),
                ("Booking", numbers.booking),
                ("Notify party", parties.broker),
                ("Vessel (IMO)", f"{numbers.vessel} ({numbers.imo})"),
                ("Voyage", numbers.voyage),
                ("Port of loading", f"{route.origin_name} ({route.origin})"),
                ("Port of discharge", f"{route.destination_name} ({route.destination})"),
            ),
            columns=("Container and seals", "Packages", "Description", "Gross kg"),
            rows=(
                (
                    f"{numbers.container} {load.container_type}\n{facts.seals.bolt}\n{facts.seals.customs}",
                    f"{load.cartons:,} cartons on {load.pallets} pallets",
                    f"{load.goods}\nHTS {facts.tariff.hts}\nSet point {facts.reefer.set_point_c} °C, "
                    f"vent {facts.reefer.vent_m3_h[0]:g}-{facts.reefer.vent_m3_h[1]:g} m³/h",
                    f"{load.gross_kg + load.pallets_kg:,}",
                ),
            ),
            declaration=(
                "Shipped on board in apparent good order and condition. Freight prepaid. Weight, measure, "
                "marks and contents as declared by the shipper. Verified gross mass "
                f"{load.vgm_kg:,} kg including the container."
            ),
            signed_by=facts.people.agent,
        )
    )

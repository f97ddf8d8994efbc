"""Files of what does not go as planned: the cheats, and the exceptions that must pass."""

from datetime import datetime, timedelta

from ledger.demo.data import edifact, filings, papers, photo, pictures, seals
from ledger.demo.data.dossier import SCAN, SEED, clip, radiation, scan, temperatures
from ledger.demo.data.index import EDIFACT, JPEG, JSON, PDF, Files, Recipe
from ledger.demo.data.reefer import Excursion
from ledger.demo.data.rendition import as_jpeg
from ledger.demo.data.scene import MACHINERY, Parcel
from ledger.demo.data.video import ClipOptions
from ledger.demo.data.xray import ScanOptions
from ledger.demo.facts import Facts


def other_files(facts: Facts, *, seed: int = SEED, scale: float = 1.0) -> Files:
    """Return the files of the cheats and exceptions; each is made when it is asked for.

    Args:
        facts: Every figure in them.
        seed: The same seed gives the same bytes.
        scale: Size of the scans against the scanner's own, above 0 up to 1.
    """
    return Files(_cheats(facts, scale) | _exceptions(facts), seed)


def _cheats(facts: Facts, scale: float) -> dict[str, Recipe]:
    gate, other = facts.times.gate_in, facts.exceptions
    earlier, later = gate - timedelta(days=3), facts.times.lading - timedelta(hours=6)
    elsewhere = facts.changed("identifiers", container=other.other_container)
    swapped = scan(elsewhere, ScanOptions(empty=True, scale=scale), earlier, like="xray-other")
    parcel = ScanOptions(parcel=Parcel(MACHINERY, facts.xray.parcel_g_cm2), scale=scale)
    hidden = scan(facts, parcel, later)
    again = scan(facts, ScanOptions(scale=scale), gate + timedelta(minutes=2))["png"]
    return {
        "xray-other-box.tif": swapped["tif"],
        "xray-other-box.png": swapped["png"],
        "xray-gate-again.jpg": Recipe(
            JPEG, "scan", gate + timedelta(days=90), lambda rng, _: as_jpeg(again.make(rng, again.at)), SCAN
        ),
        "xray-parcel.tif": hidden["tif"],
        "xray-parcel.png": hidden["png"],
        "cctv-gate-other-box.mp4": clip(elsewhere, gate, pictures.gate_lane, ClipOptions()),
    }


def _exceptions(facts: Facts) -> dict[str, Recipe]:
    times, other = facts.times, facts.exceptions
    inspected = facts.changed(
        "seals", bolt=facts.seals.bolt_after_inspection, customs=facts.seals.customs_after_inspection
    )
    mistyped = facts.changed("load", tare_kg=other.mistyped_tare_kg)
    rolled = facts.changed(
        "identifiers", vessel=other.next_vessel, imo=other.next_imo, voyage=other.next_voyage
    )
    stop = times.sailing + timedelta(hours=other.cooling_off_after_h)
    after = times.lading - timedelta(hours=4)

    def checked_again(_: object, at: datetime) -> bytes:
        return seals.seal_check(inspected, at, place=facts.route.origin, by=facts.people.inspector)

    return {
        "radiation-treated-driver.n42": radiation(facts, times.gate_in, treated_driver=True),
        "cctv-gate-clock-ahead.mp4": clip(
            facts, times.gate_in, pictures.gate_lane, ClipOptions(clock_offset_s=other.clock_ahead_s)
        ),
        "cctv-gate-clock-ahead-next.mp4": clip(
            facts,
            times.gate_in + timedelta(seconds=ClipOptions().seconds),
            pictures.gate_lane,
            ClipOptions(clock_offset_s=other.clock_ahead_s),
        ),
        "cctv-gate-gap.mp4": clip(
            facts, times.gate_in, pictures.gate_lane, ClipOptions(gap=other.camera_gap_s)
        ),
        "photo-seal-inspection.jpg": Recipe(
            JPEG, "photo", after, lambda rng, at: photo.seal_photo(inspected, rng, at)
        ),
        "seal-check-inspection.json": Recipe(JSON, "seal", after, checked_again),
        "verified-gross-mass-mistyped.pdf": Recipe(
            PDF, "paper", times.sealed, lambda _, at: papers.verified_gross_mass(mistyped, at)
        ),
        "manifest-mistyped.json": Recipe(
            JSON, "filing", times.sealed, lambda _, at: filings.manifest(mistyped, at)
        ),
        "stow-plan-next-vessel.edi": Recipe(
            EDIFACT, "filing", times.stow_plan_due, lambda _, at: edifact.baplie(rolled, at)
        ),
        "reefer-log-excursion.csv": temperatures(
            facts, times.arrival, Excursion(stop, other.cooling_off_h, other.cooling_off_peak_c)
        )["csv"],
    }

"""Every file of the honest trip, by name."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

import numpy as np

from ledger.demo.data import edifact, filings, papers, photo, pictures, reefer, seals, video, xray
from ledger.demo.data.duca import duca_d
from ledger.demo.data.index import CSV, EDIFACT, JPEG, JSON, MP4, N42, PDF, PNG, TIFF, XML, Files, Recipe
from ledger.demo.data.n42 import to_n42
from ledger.demo.data.portal import passage
from ledger.demo.data.rendition import to_png
from ledger.demo.facts import Facts

SEED = 2026
SCAN, RADIATION, REEFER = "xray-gate.tif", "radiation-gate.n42", "reefer-log.csv"


def dossier_files(facts: Facts, *, seed: int = SEED, scale: float = 1.0) -> Files:
    """Return the files of the honest trip; each is made when it is asked for.

    Args:
        facts: Every figure in them.
        seed: The same seed gives the same bytes.
        scale: Size of the scan against the scanner's own, above 0 up to 1; small ones are quick to make.
    """
    return Files(
        _papers(facts) | _filings(facts) | _gate(facts, scale) | _cameras(facts) | _voyage(facts), seed
    )


def scan(facts: Facts, options: xray.ScanOptions, at: datetime, *, like: str = SCAN) -> dict[str, Recipe]:
    """Return one scan as the scanner stores it and as the analyst sees it, keyed `tif` and `png`."""

    def measured(rng: np.random.Generator, at: datetime) -> xray.Scan:
        return xray.measure(facts, rng, at, options)

    return {
        "tif": Recipe(TIFF, "scan", at, lambda rng, at: xray.to_tiff(measured(rng, at)), like),
        "png": Recipe(PNG, "scan", at, lambda rng, at: to_png(measured(rng, at)), like),
    }


def radiation(facts: Facts, at: datetime, *, treated_driver: bool = False) -> Recipe:
    """Return one passage of the portal."""

    def made(rng: np.random.Generator, at: datetime) -> bytes:
        return to_n42(facts, rng, at, passage(facts, rng, treated_driver=treated_driver))

    return Recipe(N42, "radiation", at, made, RADIATION)


def clip(facts: Facts, at: datetime, picture: pictures.Picture, options: video.ClipOptions) -> Recipe:
    """Return one clip of a camera."""
    return Recipe(MP4, "video", at, lambda rng, at: video.clip(facts, rng, at, picture, options))


def temperatures(
    facts: Facts, until: datetime, excursion: reefer.Excursion | None = None
) -> dict[str, Recipe]:
    """Return the log since the doors were closed, read out at `until`, keyed `csv` and `json`."""

    def read_out(rng: np.random.Generator, at: datetime) -> Sequence[reefer.Reading]:
        return reefer.readings(facts, rng, facts.times.stuffing_to, at, excursion=excursion)

    return {
        "csv": Recipe(CSV, "log", until, lambda rng, at: reefer.to_csv(read_out(rng, at)), REEFER),
        "json": Recipe(JSON, "log", until, lambda rng, at: reefer.to_json(facts, read_out(rng, at)), REEFER),
    }


def _papers(facts: Facts) -> dict[str, Recipe]:
    times, hour = facts.times, timedelta(hours=1)
    issued = {
        "export-licence": (papers.export_licence, times.stuffing_from - 20 * hour),
        "commercial-invoice": (papers.invoice, times.stuffing_to),
        "packing-list": (papers.packing_list, times.stuffing_to),
        "certification-of-origin": (papers.certification_of_origin, times.sealed),
        "verified-gross-mass": (papers.verified_gross_mass, times.sealed + hour / 3),
        "phytosanitary-certificate": (papers.phytosanitary_certificate, times.sealed + hour / 2),
        "bill-of-lading": (papers.bill_of_lading, times.sailing + 2 * hour),
        "prior-notice": (papers.prior_notice, times.dossier_ready - 2 * hour),
    }
    priced = {"commercial-invoice", "export-licence"}
    return {
        f"{name}.pdf": _paper(facts, make, at, "commercial" if name in priced else "paper")
        for name, (make, at) in issued.items()
    }


def _paper(facts: Facts, make: Callable[[Facts, datetime], bytes], at: datetime, category: str) -> Recipe:
    return Recipe(PDF, category, at, lambda _, at: make(facts, at))


def _filings(facts: Facts) -> dict[str, Recipe]:
    times, hour = facts.times, timedelta(hours=1)
    return {
        "manifest.json": Recipe(
            JSON, "filing", times.sealed + hour / 2, lambda _, at: filings.manifest(facts, at)
        ),
        "export-declaration.xml": Recipe(
            XML, "filing", times.sealed + 2 * hour, lambda _, at: duca_d(facts, at)
        ),
        "verified-gross-mass.edi": Recipe(
            EDIFACT, "filing", times.sealed + 3 * hour, lambda _, at: edifact.vermas(facts, at)
        ),
        "carrier-manifest.edi": Recipe(
            EDIFACT, "filing", times.filings_due - 3 * hour, lambda _, at: edifact.cuscar(facts, at)
        ),
        "importer-security-filing.json": Recipe(
            JSON, "filing", times.filings_due - 2 * hour, lambda _, at: filings.isf(facts, at)
        ),
        "stow-plan.edi": Recipe(
            EDIFACT, "filing", times.stow_plan_due - hour, lambda _, at: edifact.baplie(facts, at)
        ),
    }


def _gate(facts: Facts, scale: float) -> dict[str, Recipe]:
    scanned = scan(facts, xray.ScanOptions(scale=scale), facts.times.gate_in + timedelta(minutes=2))

    def checked(at: datetime, place: str, by: str) -> Recipe:
        return Recipe(JSON, "seal", at, lambda _, at: seals.seal_check(facts, at, place=place, by=by))

    people, origin = facts.people, facts.route.origin
    return {
        SCAN: scanned["tif"],
        "xray-gate.png": scanned["png"],
        RADIATION: radiation(facts, facts.times.gate_in + timedelta(seconds=140)),
        "seal-certificate.json": Recipe(
            JSON, "seal", facts.times.sealed, lambda *_: seals.seal_certificate(facts)
        ),
        "seal-check-gate.json": checked(facts.times.gate_in + timedelta(minutes=1), origin, people.guard),
        "seal-check-lading.json": checked(facts.times.lading - timedelta(minutes=20), origin, people.foreman),
    }


def _cameras(facts: Facts) -> dict[str, Recipe]:
    times = facts.times
    return {
        "photo-pallets.jpg": Recipe(
            JPEG, "photo", times.stuffing_to, lambda rng, at: photo.pallets_photo(facts, rng, at)
        ),
        "photo-seal-gate.jpg": Recipe(
            JPEG,
            "photo",
            times.gate_in + timedelta(minutes=1),
            lambda rng, at: photo.seal_photo(facts, rng, at),
        ),
        "cctv-stuffing.mp4": clip(
            facts, times.stuffing_from, pictures.packing_dock, video.ClipOptions(camera="cam-dock-1")
        ),
        "cctv-gate.mp4": clip(facts, times.gate_in, pictures.gate_lane, video.ClipOptions()),
        "cctv-lading.mp4": clip(facts, times.lading, pictures.quay, video.ClipOptions(camera="cam-quay-2")),
    }


def _voyage(facts: Facts) -> dict[str, Recipe]:
    times, route = facts.times, facts.route
    at_sea = temperatures(facts, times.dossier_ready - timedelta(hours=3))

    def status(event: str, at: datetime, place: str, expected: datetime | None = None) -> Recipe:
        def made(_: np.random.Generator, at: datetime) -> bytes:
            return filings.status_message(facts, at, event, place=place, expected=expected)

        return Recipe(JSON, "status", at, made)

    return {
        "status-gate-in.json": status("GTIN", times.gate_in + timedelta(minutes=6), route.origin),
        "status-loaded.json": status("LOAD", times.lading, route.origin),
        "status-departed.json": status("DEPA", times.sailing, route.origin),
        "status-expected.json": status(
            "ARRI", times.sailing + timedelta(hours=1), route.destination, times.arrival
        ),
        REEFER: at_sea["csv"],
        "reefer-log.json": at_sea["json"],
        "reefer-log-voyage.csv": temperatures(facts, times.arrival)["csv"],
    }

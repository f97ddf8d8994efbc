import json
from dataclasses import replace
from io import BytesIO

import numpy as np
import pytest
import tifffile
from numpy.typing import NDArray
from PIL import Image

from ledger.demo.data.attenuation import mass_attenuation, transmission
from ledger.demo.data.canvas import Canvas, Span
from ledger.demo.data.evidence_file import generator
from ledger.demo.data.rendition import CAPTION_ROWS, to_png
from ledger.demo.data.scene import (
    CARTON_HEIGHT,
    DECK,
    FLOOR,
    MACHINERY,
    PALLET_HEIGHT,
    Parcel,
    pallet_spans,
    parcel_window,
    scene,
)
from ledger.demo.data.xray import OPEN_BEAM, Scan, ScanOptions, measure, to_tiff
from ledger.demo.facts import Facts

SMALL = ScanOptions(scale=0.25)


def scanned(facts: Facts, options: ScanOptions = SMALL, seed: int = 1) -> Scan:
    return measure(facts, generator(seed, "xray"), facts.times.gate_in, options)


def part(facts: Facts, scan: Scan, x: Span, h: Span) -> tuple[NDArray[np.uint16], NDArray[np.uint16]]:
    """Return a rectangle of a scan, in metres."""
    height, width = scan.high.shape
    window = Canvas((height, width), facts.xray.field_m).window(x, h)
    return scan.low[window], scan.high[window]


def all_fruit() -> tuple[Span, Span]:
    """Where both rows of pallets overlap: cartons 2 to 14 of the middle of the box."""
    bottom = FLOOR + PALLET_HEIGHT
    return (3.0, 11.0), (bottom + CARTON_HEIGHT, bottom + 14 * CARTON_HEIGHT)


def test_attenuation_is_the_published_one() -> None:
    assert mass_attenuation("water", 2.0) == pytest.approx(0.04942)
    assert mass_attenuation("iron", 3.0) == pytest.approx(0.03621)
    with pytest.raises(ValueError, match="outside the table"):
        mass_attenuation("iron", 6.0)


def test_fruit_lets_through_as_much_as_ninety_millimetres_of_steel(facts: Facts) -> None:
    energy = facts.xray.effective_mev[1]
    fruit = np.exp(-facts.xray.fruit_g_cm2 * mass_attenuation("water", energy))
    steel = np.exp(-9.0 * 7.874 * mass_attenuation("iron", energy))
    assert fruit == pytest.approx(0.06, abs=0.003)
    assert steel == pytest.approx(fruit, rel=0.05)


def test_transmission_follows_the_law_at_both_energies(facts: Facts) -> None:
    scan = scanned(facts)
    x, h = all_fruit()
    for measured, energy in zip(part(facts, scan, x, h), facts.xray.effective_mev, strict=True):
        depth = (
            facts.xray.fruit_g_cm2 * mass_attenuation("water", energy)
            + facts.xray.carton_g_cm2 * mass_attenuation("cellulose", energy)
            + 1.2 * mass_attenuation("iron", energy)
            + 0.6 * mass_attenuation("polyethylene", energy)
        )
        # The mean of the logarithm: cartons are not equally full, and thin places weigh more in a plain mean.
        found = -np.log(measured[measured > 0] / OPEN_BEAM).mean()
        assert found == pytest.approx(depth, rel=0.03)


def test_counts_scatter_about_the_scene_as_photons_do(facts: Facts) -> None:
    scan = scanned(facts)
    layers = scene(facts, generator(1, "xray"), scan.high.shape)
    photons = facts.xray.open_beam_counts[1]
    expected = transmission(layers, facts.xray.effective_mev[1]) * photons
    thick = expected > 25
    pulls = (scan.high * (photons / OPEN_BEAM) - expected)[thick] / np.sqrt(expected[thick])
    # Open beam is cut at 16 bits nowhere: 60,000 leaves room for the noise.
    assert abs(pulls.mean()) < 0.02
    assert pulls.std() == pytest.approx(1.0, abs=0.02)


def test_energies_tell_fruit_from_steel(facts: Facts) -> None:
    scan = scanned(facts)

    def ratio(x: Span, h: Span) -> float:
        low, high = (-np.log(page / OPEN_BEAM).mean() for page in part(facts, scan, x, h))
        return float(low / high)

    fruit, beam = ratio(*all_fruit()), ratio((5.0, 9.0), (0.88, 1.08))
    assert fruit > beam + 0.03


def test_a_parcel_in_the_machinery_shows_as_a_difference(facts: Facts) -> None:
    parcel = Parcel(MACHINERY, facts.xray.parcel_g_cm2)
    clean = scanned(facts)
    hidden = scanned(facts, replace(SMALL, parcel=parcel), seed=2)
    where = parcel_window(parcel)
    before, after = (part(facts, scan, *where)[1].mean() for scan in (clean, hidden))
    beyond = np.exp(-parcel.g_cm2 * mass_attenuation("cellulose", facts.xray.effective_mev[1]))
    assert after / before == pytest.approx(beyond, rel=0.02)
    above = (where[0], (where[1][1] + 0.05, where[1][1] + 0.08))
    same, still = (part(facts, scan, *above)[1].mean() for scan in (clean, hidden))
    assert still == pytest.approx(same, rel=0.01)


def test_an_empty_box_lets_the_beam_through(facts: Facts) -> None:
    measured = part(facts, scanned(facts, replace(SMALL, empty=True)), *all_fruit())[1]
    assert measured.mean() > 0.9 * OPEN_BEAM


def test_castings_floor_and_machinery_stand_out(facts: Facts) -> None:
    scan = scanned(facts, replace(SMALL, empty=True))
    for x, h in (
        ((1.22, 1.36), (DECK + 0.02, DECK + 0.09)),
        ((3.0, 11.0), (FLOOR - 0.011, FLOOR)),
        ((1.35, 1.45), (DECK + 0.35, DECK + 0.50)),
    ):
        assert part(facts, scan, x, h)[1].mean() < 0.25 * OPEN_BEAM


def test_twenty_pallets_stand_in_two_rows_within_the_box(facts: Facts) -> None:
    spans = pallet_spans()
    assert len(spans) == facts.load.pallets
    assert sum(share * (right - left) for (left, right), share in spans) == pytest.approx(10.9, abs=0.05)
    with pytest.raises(ValueError, match="no pallet 21"):
        parcel_window(Parcel(21, 5.0))


def test_the_tiff_opens_elsewhere_and_says_what_it_is(facts: Facts) -> None:
    scan = scanned(facts)
    with tifffile.TiffFile(BytesIO(to_tiff(scan))) as file:
        assert [page.dtype for page in file.pages] == [np.dtype(np.uint16)] * 2
        first = file.pages.first
        about = json.loads(first.description)
        assert (file.pages[1].asarray() == scan.high).all()
        assert first.tags["DateTime"].value == "2026:11:07 01:40:00"
    assert about["container"] == facts.identifiers.container
    assert about["time"] == facts.times.gate_in.isoformat()
    assert (about["site"], about["device"]) == (facts.xray.site, facts.xray.device)
    with Image.open(BytesIO(to_tiff(scan))) as image:
        assert image.size == (scan.high.shape[1], scan.high.shape[0])


def test_a_scan_in_full_size_has_the_scanners_pixels(facts: Facts) -> None:
    scan = scanned(facts, ScanOptions())
    assert (scan.low.shape[1], scan.low.shape[0]) == facts.xray.pixels
    assert 13_000_000 < len(to_tiff(scan)) < 60_000_000


def test_the_rendition_keeps_the_shape_and_shows_fruit_orange(facts: Facts) -> None:
    scan = scanned(facts)
    with Image.open(BytesIO(to_png(scan))) as image:
        assert image.size == (scan.high.shape[1], scan.high.shape[0] + CAPTION_ROWS)
        pixels = np.asarray(image).astype(float)
    window = Canvas(scan.high.shape, facts.xray.field_m).window(*all_fruit())
    red, _, blue = pixels[window].mean(axis=(0, 1))
    assert red > blue + 20


def test_the_same_seed_gives_the_same_bytes_and_another_one_does_not(facts: Facts) -> None:
    assert to_tiff(scanned(facts)) == to_tiff(scanned(facts))
    assert to_tiff(scanned(facts)) != to_tiff(scanned(facts, seed=2))


def test_a_scan_of_another_box_says_so(facts: Facts) -> None:
    other = scanned(facts.changed("identifiers", container="XXXU5001254"), replace(SMALL, empty=True))
    assert other.about["container"] == "XXXU5001254"

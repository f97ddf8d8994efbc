"""How well a scan that is offered again is found, and how often another one is taken for it: measured.

The rates that `docs/evidence.md` states are computed here from seeded images (`python -m
tests.sharing.test_alike`), and a smaller sample is held to them. Other scans of the same load in the same
layout by the same scanner, where only the fill of the cartons and the noise differ, are what trips of one
packer look like; other loads differ in density, packing and height besides.
"""

import io
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from functools import cache
from itertools import combinations
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image, ImageEnhance

from ledger.demo.data.xray import ScanOptions, measure
from ledger.demo.facts import Facts
from ledger.domain.fingerprint import ALIKE, bands, distance, probes
from ledger.readers.detail import detail_hash
from ledger.readers.formats import pixels
from ledger.readers.formats.stills import perceptual
from tests.readers.formats.made import photo

SCANS = 8
SCALE = 0.5
"""Of the scanner's 3,000 by 1,100 pixels."""
Page = NDArray[np.uint16]
Picture = NDArray[np.integer[Any]]
Change = Callable[[Page], Image.Image]


@cache
def scan(seed: int) -> Page:
    """Return the high energy page of one scan of the demo's load."""
    return _measured(Facts.default(), np.random.default_rng(seed))


@cache
def other_load(seed: int) -> Page:
    """Return the same of another load."""
    rng = np.random.default_rng([seed, 1])
    density, paper = float(rng.uniform(15, 110)), float(rng.uniform(2, 10))
    return _measured(packed(density, paper, int(rng.integers(4, 16)) * 5), rng)


def packed(fruit_g_cm2: float, carton_g_cm2: float, cartons: int) -> Facts:
    """Return the demo's facts with other goods: so many cartons on each pallet, five in a layer."""
    facts = Facts.default()
    beam = {"fruit_g_cm2": fruit_g_cm2, "carton_g_cm2": carton_g_cm2}
    load = facts.load.model_copy(update={"cartons_per_pallet": cartons})
    return facts.model_copy(update={"xray": facts.xray.model_copy(update=beam), "load": load})


def _measured(facts: Facts, rng: np.random.Generator) -> Page:
    at = datetime(2026, 11, 6, 13, tzinfo=UTC)
    return measure(facts, rng, at, ScanOptions(scale=SCALE)).high


def linear(page: Page) -> Image.Image:
    """Return a scan with the upper 8 of its 16 bits."""
    return Image.fromarray((page >> 8).astype(np.uint8))


def logarithmic(page: Page) -> Image.Image:
    """Return a scan as a workstation exports it: 8 bits, a logarithmic scale."""
    depth = np.log(np.maximum(page, 1).astype(np.float32))
    return Image.fromarray(((depth - depth.min()) * (255 / np.ptp(depth))).astype(np.uint8))


def jpeg(image: Image.Image, quality: int) -> Image.Image:
    out = io.BytesIO()
    image.save(out, "JPEG", quality=quality)
    return Image.open(io.BytesIO(out.getvalue()))


def smaller(image: Image.Image, times: int) -> Image.Image:
    return image.resize((image.width // times, image.height // times), Image.Resampling.LANCZOS)


def cut(image: Image.Image, share: float) -> Image.Image:
    left, top = int(image.width * share), int(image.height * share)
    return image.crop((left, top, image.width - left, image.height - top))


def gamma(image: Image.Image) -> Image.Image:
    return image.point([round(255 * (value / 255) ** 0.7) for value in range(256)])


FOUND: dict[str, Change] = {
    "8 bits": linear,
    "8 bits, logarithmic": logarithmic,
    "JPEG 85": lambda page: jpeg(linear(page), 85),
    "JPEG 60": lambda page: jpeg(linear(page), 60),
    "half size": lambda page: smaller(linear(page), 2),
    "third size": lambda page: smaller(linear(page), 3),
    "darker by a fifth": lambda page: ImageEnhance.Brightness(linear(page)).enhance(0.8),
    "lighter by a fifth": lambda page: ImageEnhance.Brightness(linear(page)).enhance(1.2),
    "gamma 0.7": lambda page: gamma(linear(page)),
}
"""What a scan survives."""
DOUBTFUL: dict[str, Change] = {
    "JPEG 30": lambda page: jpeg(linear(page), 30),
    "half size, JPEG 70": lambda page: jpeg(smaller(linear(page), 2), 70),
    "logarithmic, JPEG 20": lambda page: jpeg(logarithmic(page), 20),
    "logarithmic, half size, JPEG 70": lambda page: jpeg(smaller(logarithmic(page), 2), 70),
    "quarter size": lambda page: smaller(linear(page), 4),
    "eighth size": lambda page: smaller(linear(page), 8),
    "cut by 0.5 % at each edge": lambda page: cut(linear(page), 0.005),
}
"""What it survives more or less often."""
LOST: dict[str, Change] = {
    "cut by 2 % at each edge": lambda page: cut(linear(page), 0.02),
    "cut by 5 % at each edge": lambda page: cut(linear(page), 0.05),
    "turned by 180°": lambda page: linear(page).transpose(Image.Transpose.ROTATE_180),
    "mirrored": lambda page: linear(page).transpose(Image.Transpose.FLIP_LEFT_RIGHT),
    "upside down": lambda page: linear(page).transpose(Image.Transpose.FLIP_TOP_BOTTOM),
}
"""What it does not survive."""


def hashed(page: Picture) -> bytes:
    made = detail_hash(page)
    assert made is not None
    return made


def is_found(offered: bytes, kept: bytes) -> bool:
    """Return whether the ledger takes two for alike: it comes upon the one by a band, and few bits differ."""
    return not set(probes(offered)).isdisjoint(bands(kept)) and distance(offered, kept) <= ALIKE


@pytest.fixture(scope="module")
def scans() -> list[Page]:
    return [scan(seed) for seed in range(SCANS)]


@pytest.fixture(scope="module")
def hashes(scans: list[Page]) -> list[bytes]:
    return [hashed(one) for one in scans]


def again(scans: Sequence[Page], change: Change) -> list[bytes]:
    return [hashed(np.asarray(change(one))) for one in scans]


def rate(hashes: Sequence[bytes], changed: Sequence[bytes]) -> float:
    """Return which share of the scans is found again after a change."""
    return sum(is_found(new, old) for old, new in zip(hashes, changed, strict=True)) / len(hashes)


@pytest.mark.parametrize("change", FOUND.values(), ids=FOUND)
def test_a_scan_is_found_again(scans: list[Page], hashes: list[bytes], change: Change) -> None:
    assert rate(hashes, again(scans, change)) == 1


@pytest.mark.parametrize("change", LOST.values(), ids=LOST)
def test_a_scan_that_is_cut_or_turned_is_not_found(
    scans: list[Page], hashes: list[bytes], change: Change
) -> None:
    """So the docs say; should it be found one day, they have to say that."""
    assert rate(hashes, again(scans, change)) == 0


def test_other_scans_of_the_same_load_are_told_apart(hashes: list[bytes]) -> None:
    assert min(distance(*pair) for pair in combinations(hashes, 2)) > ALIKE


def test_loads_that_leave_much_of_the_box_empty_are_told_apart_by_their_height_only() -> None:
    """So the docs say, and that `alike` is a hint."""
    light, heavy, higher = (
        hashed(_measured(packed(*load), np.random.default_rng(seed)))
        for seed, load in enumerate([(40, 3, 30), (90, 8, 30), (90, 8, 55)])
    )
    assert is_found(light, heavy)
    assert not is_found(heavy, higher)


def test_the_hash_of_the_picture_itself_would_take_all_of_them_for_one(scans: list[Page]) -> None:
    made = [perceptual(linear(one)) for one in scans[:4]]
    assert all(distance(one, other) <= ALIKE for one, other in combinations([x for x in made if x], 2))


def test_photographs_are_told_apart_and_found_after_re_encoding() -> None:
    images = [photo((640, 360), seed) for seed in range(16)]
    hashes = [_of_photo(image) for image in images]
    assert min(distance(*pair) for pair in combinations(hashes, 2)) > ALIKE
    for image, known in zip(images, hashes, strict=True):
        assert is_found(_of_photo(jpeg(image, 20)), known)
        assert is_found(_of_photo(jpeg(smaller(image, 2), 60)), known)


def _of_photo(image: Image.Image) -> bytes:
    made = pixels.perceptual(np.asarray(image))
    assert made is not None
    return made


def test_what_shows_nothing_has_no_hash() -> None:
    assert detail_hash(np.arange(100_000, dtype=np.uint16).reshape(-1, 1)) is None
    assert detail_hash(np.full((200, 300), 60_000, np.uint16)) is None
    assert pixels.perceptual(np.full((200, 300), 7, np.uint8)) is None


@given(st.binary(min_size=32, max_size=32), st.sets(st.integers(0, 255), max_size=ALIKE + 1))
def test_looking_bands_up_finds_whatever_is_near_enough(one: bytes, differing: set[int]) -> None:
    other = (int.from_bytes(one) ^ sum(1 << bit for bit in differing)).to_bytes(32)
    assert is_found(other, one) == (len(differing) <= ALIKE)


def test_looking_bands_up_finds_the_furthest_that_is_near_enough() -> None:
    """Two bits differ in each band but one: the hardest case for sixteen bands."""
    one = bytes(32)
    other = b"\x01" + bytes(1) + b"\x81\x00" * 15
    assert distance(one, other) == ALIKE
    assert is_found(one, other)
    assert not is_found(one, b"\x81\x00" * 16)


def figures(scans: Sequence[Page]) -> str:
    """Return the rates of all changes over some scans, and of mistaken pairs, for the docs."""
    hashes = [hashed(one) for one in scans]
    pairs = [(distance(*pair), is_found(*pair)) for pair in combinations(hashes, 2)]
    lines = [f"another one: {sum(found for _, found in pairs)} of {len(pairs)}, nearest {min(pairs)[0]}"]
    for name, change in (FOUND | DOUBTFUL | LOST).items():
        changed = again(scans, change)
        bits = [distance(old, new) for old, new in zip(hashes, changed, strict=True)]
        found = round(rate(hashes, changed) * len(scans))
        lines.append(f"{name}: {found} of {len(scans)}, {min(bits)} to {max(bits)} bits")
    return "\n".join(lines)


if __name__ == "__main__":
    for title, of in {"the same load": scan, "other loads": other_load}.items():
        print(f"{title}\n{figures([of(seed) for seed in range(40)])}\n")

"""What the radiation portal counts of a truck: less than background, and a little potassium."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ledger.demo.facts import Facts

LEAD_S = 5.0
"""How long the record begins before the truck and goes on after it."""
CHANNELS, KEV_PER_CHANNEL = 1024, 3.0
WINDOWS_KEV = (30, 400, 3000)
"""Bounds of the two energy windows of the plastic detectors, which resolve no peaks."""
_SPECTRUM_CPS = 1150.0
_CAB_M, _LOAD_M = 2.5, 6.0
"""Where the driver sits and where the box begins, metres behind the bumper."""
# Gamma lines of natural background, keV, and their share of what a bare crystal counts.
_NATURAL = ((609.3, 0.012), (1120.3, 0.006), (1460.8, 0.030), (1764.5, 0.006), (2614.5, 0.008))
_IODINE_131 = ((284.3, 0.061), (364.5, 0.815), (637.0, 0.072))
"""Lines of iodine-131 and the gammas in each decay (ENSDF)."""
_CRYSTAL_SHARE = 0.19
"""What the crystal counts of what the panels count."""
_IN_WINDOWS = np.array((0.62, 0.38))
"""Natural background's counts in the two windows; iodine and potassium are spread alike."""
_IODINE_IN_PEAKS, _POTASSIUM_IN_PEAK = 0.6, 0.1
"""How many of those counts keep their full energy: fewer, the higher it is."""


@dataclass(frozen=True, slots=True)
class Passage:
    """One occupancy of the lane.

    Args:
        gamma: Counts of the plastic detectors in each sample, rows of the energy windows of `WINDOWS_KEV`.
        neutron: Counts of the neutron detectors in each sample.
        occupied: Whether a vehicle stood between the pillars, for each sample.
        spectrum: Counts of the sodium iodide detector over the occupancy, by channel.
        background_spectrum: The same over `background_s` without a vehicle.
        background_gamma: Counts of the plastic detectors over `background_s`, by energy window.
        background_neutron: Counts of the neutron detectors over `background_s`.
        background_s: How long the background was counted.
        alarm: The highest sliding second above background, in its standard deviations.
        alarmed: Whether that is more than the portal allows.
    """

    gamma: NDArray[np.int64]
    neutron: NDArray[np.int64]
    occupied: NDArray[np.bool_]
    spectrum: NDArray[np.int64]
    background_spectrum: NDArray[np.int64]
    background_gamma: NDArray[np.int64]
    background_neutron: int
    background_s: int
    alarm: float
    alarmed: bool


def passage(facts: Facts, rng: np.random.Generator, *, treated_driver: bool = False) -> Passage:
    """Return what one passage counts.

    Args:
        facts: Background, shielding, speed and potassium.
        rng: The noise of counting.
        treated_driver: The driver carries iodine-131 from a medical treatment.
    """
    portal, speed = facts.portal, facts.portal.speed_km_h / 3.6
    samples = round((2 * LEAD_S + portal.passage_s) / portal.sample_s)
    moment = (np.arange(samples) + 0.5) * portal.sample_s - LEAD_S
    position = moment * speed
    """How much of the vehicle has passed the pillars, metres."""
    shadow = _between(position, 0.0, portal.vehicle_m)
    fruit = _between(position, _LOAD_M, portal.vehicle_m - 1.0)
    cps = portal.background_cps * (1 - portal.shielding * shadow) + facts.potassium.counts_cps * fruit
    medical = np.exp(-(((position - _CAB_M) / 0.9) ** 2)) * portal.medical_cps * treated_driver
    background_s = 60
    gamma = rng.poisson(np.outer((cps + medical) * portal.sample_s, _IN_WINDOWS))
    background = rng.poisson(portal.background_cps * background_s * _IN_WINDOWS)
    excess = _excess(gamma.sum(axis=1), portal.sample_s, float(background.sum()) / background_s)
    occupied = (moment >= 0) & (moment <= portal.passage_s)
    shielded = _natural() * float((1 - portal.shielding * shadow)[occupied].mean())
    iodine = _lines(_IODINE_131) * float(medical[occupied].mean()) * _CRYSTAL_SHARE * _IODINE_IN_PEAKS
    potassium = _lines(((facts.potassium.line_kev, 1.0),)) * float(fruit[occupied].mean())
    potassium *= facts.potassium.counts_cps * _CRYSTAL_SHARE * _POTASSIUM_IN_PEAK
    return Passage(
        gamma=gamma,
        neutron=rng.poisson(portal.neutrons_cps * portal.sample_s, samples),
        occupied=occupied,
        spectrum=rng.poisson((shielded + iodine + potassium) * portal.passage_s),
        background_spectrum=rng.poisson(_natural() * background_s),
        background_gamma=background,
        background_neutron=int(rng.poisson(portal.neutrons_cps * background_s)),
        background_s=background_s,
        alarm=excess,
        alarmed=excess > portal.alarm_sigma,
    )


def _between(position: NDArray[np.floating], start: float, end: float) -> NDArray[np.float64]:
    """Return 1 within a stretch of the vehicle and 0 outside, with soft edges: panels see to both sides."""
    return np.asarray((np.tanh((position - start) / 0.8) - np.tanh((position - end) / 0.8)) / 2)


def _excess(gamma: NDArray[np.int64], sample_s: float, background_cps: float) -> float:
    window = round(1 / sample_s)
    seconds = np.convolve(gamma, np.ones(window), "valid")
    return float((seconds.max() - background_cps) / np.sqrt(background_cps))


def _lines(lines: tuple[tuple[float, float], ...]) -> NDArray[np.float64]:
    """Return peaks of sodium iodide: 7 % wide at 662 keV, growing as the root of the energy."""
    kev = (np.arange(CHANNELS) + 0.5) * KEV_PER_CHANNEL
    peaks = np.zeros(CHANNELS)
    for energy, share in lines:
        sigma = 0.07 * 662 * np.sqrt(energy / 662) / 2.355
        peaks += share * np.exp(-(((kev - energy) / sigma) ** 2) / 2) / (sigma * np.sqrt(2 * np.pi))
    return peaks * KEV_PER_CHANNEL


def _natural() -> NDArray[np.float64]:
    kev = (np.arange(CHANNELS) + 0.5) * KEV_PER_CHANNEL
    continuum = np.exp(-kev / 330) * (1 - np.exp(-((kev / 60) ** 2)))
    share = sum(share for _, share in _NATURAL)
    return np.asarray(_SPECTRUM_CPS * (continuum / continuum.sum() * (1 - share) + _lines(_NATURAL)))

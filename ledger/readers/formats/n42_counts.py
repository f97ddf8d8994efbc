"""The counts of an N42.42 document, as SpecUtils decodes them."""

import hashlib
from array import array
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import isfinite
from statistics import median
from struct import pack
from typing import TYPE_CHECKING, Any, BinaryIO

from ledger.domain.errors import MalformedError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

MAX_MEASUREMENTS = 100_000
MAX_CHANNELS = 65_536
_LEAST_SAMPLES = 5
_LEAST_CHANNELS = 32


@dataclass(frozen=True, slots=True)
class Moment:
    """All that was counted in one short sample.

    Args:
        start: As the device's clock had it, without a zone.
        seconds: How long it lasted.
        gamma: Gross counts of all gamma detectors.
        neutron: The same of neutrons; None without a neutron detector.
        occupied: A vehicle was there; None where not said.
    """

    start: datetime
    seconds: float
    gamma: float
    neutron: float | None
    occupied: bool | None


@dataclass(frozen=True, slots=True)
class Rates:
    """Gross counts over some time.

    Args:
        gamma: Counts.
        neutron: Counts; None without a neutron detector.
        seconds: Time on the clock.
    """

    gamma: float
    neutron: float | None
    seconds: float


@dataclass(frozen=True, slots=True)
class Counts:
    """What SpecUtils found.

    Args:
        moments: The samples of the passage, in order of time; empty for a single spectrum.
        foreground: All of the passage, or of the one spectrum.
        background: Of the background measurement by the same detectors; None without one.
        energies: Lower edges of the spectrum's channels, keV.
        spectrum: Counts in them, summed over the foreground; empty without a spectrum.
        measurements: How many records there are.
        digest: SHA-256 of all counts, without times and names; None when nothing was counted.
    """

    moments: tuple[Moment, ...]
    foreground: Rates
    background: Rates | None
    energies: "NDArray[np.float64]"
    spectrum: "NDArray[np.float64]"
    measurements: int
    digest: bytes | None


def decode(source: BinaryIO) -> tuple[Any, Counts]:
    """Return SpecUtils' file and what was counted.

    Args:
        source: The document, at its beginning.

    Raises:
        MalformedError: SpecUtils cannot read it, or there is more in it than is read.
    """
    import SpecUtils

    file = SpecUtils.SpecFile()
    try:
        understood = file.loadFromN42(source)
    except RuntimeError:
        understood = False
    if not understood:
        raise MalformedError("n42-unreadable", "SpecUtils finds no measurements in the N42.42 document")
    every = list(file.measurements())
    widest = max((each.numGammaChannels() for each in every), default=0)
    if len(every) > MAX_MEASUREMENTS or widest > MAX_CHANNELS:
        message = f"more than {MAX_MEASUREMENTS} measurements or {MAX_CHANNELS} channels; so much is not read"
        raise MalformedError("n42-too-large", message)
    background = [each for each in every if each.sourceType() == SpecUtils.SourceType.Background]
    passed = [
        each
        for each in every
        if each.sourceType() in {SpecUtils.SourceType.Foreground, SpecUtils.SourceType.UnknownSourceType}
    ]
    samples = _samples(passed)
    moments = _moments(samples, SpecUtils.OccupancyStatus)
    panels = {each.detectorName() for each in samples or passed}
    there = [each for each in background if each.detectorName() in panels or each.containedNeutron()]
    energies, spectrum = _spectrum(file, passed)
    counts = Counts(
        moments,
        _gross(samples or passed),
        _gross(there) if there else None,
        energies,
        spectrum,
        len(every),
        _digest(every),
    )
    return file, counts


def _samples(measurements: Sequence[Any]) -> list[Any]:
    """Return the short records, if they are many: those of a passage, without sums over all of it."""
    lengths = [each.realTime() for each in measurements if each.realTime() > 0]
    longest = 3 * median(lengths) if lengths else 0.0
    chosen = [each for each in measurements if 0 < each.realTime() <= longest]
    return chosen if len({each.sampleNumber() for each in chosen}) >= _LEAST_SAMPLES else []


def _moments(samples: Sequence[Any], status: Any) -> tuple[Moment, ...]:
    grouped: dict[int, list[Any]] = {}
    for each in samples:
        grouped.setdefault(each.sampleNumber(), []).append(each)
    said = {status.Occupied: True, status.NotOccupied: False}
    moments = []
    for together in grouped.values():
        first, all_of = together[0], _gross(together)
        states = [said[each.occupied()] for each in together if each.occupied() in said]
        occupied = any(states) if states else None
        moments.append(Moment(first.startTime(), first.realTime(), all_of.gamma, all_of.neutron, occupied))
    return tuple(sorted(moments, key=lambda each: each.start))


def _gross(measurements: Sequence[Any]) -> Rates:
    neutrons = [_count(each.neutronCountsSum()) for each in measurements if each.containedNeutron()]
    longest: dict[int, float] = {}
    for each in measurements:
        number = each.sampleNumber()
        longest[number] = max(longest.get(number, 0.0), _count(each.realTime()))
    return Rates(
        sum(_count(each.gammaCountSum()) for each in measurements),
        sum(neutrons) if neutrons else None,
        round(sum(longest.values()), 6),
    )


def _count(value: float) -> float:
    return float(value) if isfinite(value) else 0.0


def _spectrum(file: Any, measurements: Sequence[Any]) -> tuple["NDArray[np.float64]", "NDArray[np.float64]"]:
    import numpy as np

    fine = [each for each in measurements if each.numGammaChannels() >= _LEAST_CHANNELS]
    if not fine:
        return np.empty(0), np.empty(0)
    numbers = sorted({each.sampleNumber() for each in fine})
    try:
        total = file.sumMeasurements(numbers, sorted({each.detectorName() for each in fine}))
        energies, spectrum = np.array(total.channelEnergies()), np.array(total.gammaCounts())
    except (RuntimeError, ValueError):
        return np.empty(0), np.empty(0)
    channels = min(len(energies), len(spectrum))
    return energies[:channels], np.nan_to_num(spectrum[:channels])


def _digest(measurements: Sequence[Any]) -> bytes | None:
    import numpy as np

    hashed, counted = hashlib.sha256(), 0.0
    for each in measurements:
        # An array of the standard library takes a list in a quarter of the time that numpy needs.
        gamma = np.frombuffer(array("d", each.gammaCounts() if each.numGammaChannels() else ()))
        neutron = _count(each.neutronCountsSum()) if each.containedNeutron() else 0.0
        hashed.update(pack(">I", len(gamma)) + gamma.astype(">f8").tobytes() + pack(">d", neutron))
        counted += _count(each.gammaCountSum()) + neutron
    return hashed.digest() if counted > 0 else None


def ended(moments: Sequence[Moment]) -> datetime:
    """Return when the last of these samples ended."""
    return moments[-1].start + timedelta(seconds=moments[-1].seconds)

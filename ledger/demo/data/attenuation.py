"""How much of a beam comes through: Beer-Lambert with the mass attenuation of what stands in its way."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

Layers = Mapping[str, NDArray[np.float32]]
"""Areal density in g/cm² along the ray of each pixel, by material."""

# NIST Standard Reference Database 126 (Hubbell and Seltzer, NISTIR 5632): photon energy in MeV, μ/ρ in cm²/g.
_ENERGY = (1.0, 1.25, 1.5, 2.0, 3.0, 4.0)
_NIST: Mapping[str, tuple[float, ...]] = {
    "water": (0.07072, 0.06323, 0.05754, 0.04942, 0.03969, 0.03403),
    "polyethylene": (0.07262, 0.06495, 0.05910, 0.05064, 0.04045, 0.03444),
    "aluminium": (0.06146, 0.05496, 0.05006, 0.04324, 0.03541, 0.03106),
    "iron": (0.05995, 0.05350, 0.04883, 0.04265, 0.03621, 0.03312),
}
# Between 1 and 4 MeV light matter attenuates by its electrons: C6H10O5 has 0.530 mol/g of them, water 0.555.
_CELLULOSE = 0.5304 / 0.5551

MATERIALS = (*_NIST, "cellulose")


def mass_attenuation(material: str, energy_mev: float) -> float:
    """Return μ/ρ in cm²/g, by straight lines between the table's logarithms.

    Args:
        material: One of `MATERIALS`; fruit is water, cardboard and wood are cellulose.
        energy_mev: The beam's effective photon energy, 1 to 4 MeV.
    """
    if not _ENERGY[0] <= energy_mev <= _ENERGY[-1]:
        raise ValueError(f"{energy_mev} MeV is outside the table; choose 1 to 4 MeV")
    table = _NIST["water" if material == "cellulose" else material]
    found = float(np.exp(np.interp(np.log(energy_mev), np.log(_ENERGY), np.log(table))))
    return found * _CELLULOSE if material == "cellulose" else found


def transmission(layers: Layers, energy_mev: float) -> NDArray[np.float32]:
    """Return the share of the photons that reaches each pixel, 0 to 1."""
    depth = sum(
        (
            np.float32(mass_attenuation(material, energy_mev)) * density
            for material, density in layers.items()
        ),
        np.float32(0),
    )
    return np.exp(-np.asarray(depth, dtype=np.float32))

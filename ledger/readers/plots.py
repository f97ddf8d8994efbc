"""Plots of radiation records for people, drawn by matplotlib without a screen."""

from collections.abc import Callable, Sequence
from io import BytesIO
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_INCHES, _DPI = (9.6, 4.8), 100


def prepare() -> None:
    """Draw once what will be drawn: fonts and the like are only found while files can be opened."""
    import numpy as np

    energies, counts = np.linspace(0, 3000, 64), np.geomspace(1, 1e6, 64)
    spectrum(energies, counts)
    profile([0.0, 1.0, 2.0], [1.0, 2.0, 3.0], [1.0, 0.0, 1.0], (1.5, (0.5, 1.5)))


def spectrum(energies: "NDArray[np.float64]", counts: "NDArray[np.float64]") -> bytes:
    """Return a gamma spectrum as PNG, counts on a logarithmic scale.

    Args:
        energies: Lower edges of the channels, keV.
        counts: Counts in them, as many.
    """

    def draw(figure: Any) -> None:
        axes = figure.subplots()
        axes.step(energies, counts, where="post", linewidth=0.8)
        axes.set_yscale("symlog", linthresh=1)
        # Plain numbers: powers of ten would be set as mathematics, in fonts that cannot be opened any more.
        axes.yaxis.set_major_formatter("{x:g}")
        axes.set_ylim(0, 2 * max(float(counts.max()), 1.0))
        axes.set(title="Gamma spectrum", xlabel="energy (keV)", ylabel="counts per channel")
        axes.grid(visible=True, alpha=0.3)

    return _png(draw)


def profile(
    seconds: Sequence[float],
    gamma: Sequence[float],
    neutron: Sequence[float] | None,
    marks: tuple[float | None, tuple[float, float] | None],
) -> bytes:
    """Return gross counts over the time of a passage as PNG.

    Args:
        seconds: When each sample began, from the first one on.
        gamma: Gamma counts per second.
        neutron: Neutron counts per second; None without a neutron detector.
        marks: Gamma counts per second of the background, and from when to when a vehicle was there.
    """

    def draw(figure: Any) -> None:
        rows = figure.subplots(1 if neutron is None else 2, 1, sharex=True, squeeze=False)[:, 0]
        level, occupied = marks
        shown = ((gamma, "gamma"), *(() if neutron is None else ((neutron, "neutron"),)))
        for axes, (counts, name) in zip(rows, shown, strict=True):
            axes.step(seconds, counts, where="post", linewidth=0.9)
            axes.set_ylabel(f"{name} (counts/s)")
            axes.set_ylim(0, 1.1 * max(*counts, 1.0))
            axes.grid(visible=True, alpha=0.3)
            if occupied is not None:
                axes.axvspan(*occupied, alpha=0.12, label="occupied")
        if level is not None:
            rows[0].axhline(level, linestyle="--", linewidth=0.9, label="background")
        if level is not None or occupied is not None:
            rows[0].legend(loc="upper right")
        rows[0].set_title("Count profile of the passage")
        rows[-1].set_xlabel("seconds from the first sample")

    return _png(draw)


def _png(draw: Callable[[Any], None]) -> bytes:
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=_INCHES, dpi=_DPI)
    figure.subplots_adjust(left=0.09, right=0.98, top=0.92, bottom=0.11, hspace=0.12)
    FigureCanvasAgg(figure)
    draw(figure)
    out = BytesIO()
    figure.savefig(out, format="png", metadata={"Software": None})
    return out.getvalue()

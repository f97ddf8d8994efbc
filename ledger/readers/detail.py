"""A perceptual hash of the load in an X-ray scan.

All trucks look the same to PDQ where the beam gets through, and so do all loads where a linear scale shows
them black: two scans of one kind of load then differ in fewer bits than one scan and its own JPEG. It is the
dense parts, in a window of their own, that tell two scans apart, as long as the load is most of them: what
remains of a box that is not full is how high it is stacked. Lighter, smaller or compressed again a scan
keeps them; cut at an edge or mirrored it does not (error rates: docs/evidence.md).
"""

from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

WIDTH: Final = 512
"""Pixels to which a scan is brought, so that its size does not matter."""
HIGHEST: Final = 4096
"""Rows over which a picture of that width is none that is compared."""
DENSE: Final = (5, 30)
"""Hundredths of the pixels, the darkest first, between which the dense parts lie."""


def detail_hash(page: "NDArray[np.integer[Any]]") -> bytes | None:
    """Return the PDQ hash of the dense parts of a scan, 32 bytes; None where there is too little in them.

    Args:
        page: One channel of the scan, 8 or 16 bits unsigned; bright where the beam came through.
    """
    import numpy as np
    from PIL import Image

    from ledger.readers.formats import stills

    rows, columns = page.shape
    height = max(1, round(rows * WIDTH / columns))
    if height > HIGHEST:
        return None
    bright = Image.fromarray(page.astype(np.float32)).resize((WIDTH, height), Image.Resampling.BOX)
    values = np.asarray(bright)
    low, high = np.percentile(values, DENSE)
    if low == high:
        return None
    window = np.clip((values - low) * (255 / (high - low)), 0, 255).astype(np.uint8)
    return stills.perceptual(Image.fromarray(window))

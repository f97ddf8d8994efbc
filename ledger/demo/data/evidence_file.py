"""What every maker of the demo hands out, and the randomness that each is given."""

from dataclasses import dataclass, field
from datetime import datetime
from zlib import crc32

import numpy as np


@dataclass(frozen=True, slots=True)
class EvidenceFile:
    """One file as its author would hand it in.

    Args:
        name: File name with its ending; unique in an index.
        media_type: IANA media type, or a vendor one where none is registered.
        category: `paper`, `commercial`, `filing`, `scan`, `radiation`, `video`, `photo`, `log`, `seal` or
            `status`.
        at: When its author made it, with its offset.
        data: The bytes.
    """

    name: str
    media_type: str
    category: str
    at: datetime
    data: bytes = field(repr=False)


def generator(seed: int, name: str) -> np.random.Generator:
    """Return the randomness of one file: the same for the same seed and name, whatever else is made."""
    return np.random.default_rng([seed, crc32(name.encode())])

"""A set of files by name; each is made when it is asked for, once."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

import numpy as np

from ledger.demo.data.evidence_file import EvidenceFile, generator

Maker = Callable[[np.random.Generator, datetime], bytes]
"""Randomness and moment -> the bytes."""

PDF, JSON, XML, EDIFACT = "application/pdf", "application/json", "application/xml", "application/EDIFACT"
TIFF, PNG, JPEG, MP4 = "image/tiff", "image/png", "image/jpeg", "video/mp4"
CSV, N42 = "text/csv", "application/vnd.n42+xml"


@dataclass(frozen=True, slots=True)
class Recipe:
    """How one file is made.

    Args:
        media_type: What it is.
        category: Which kind of evidence it is, as in `EvidenceFile`.
        at: When its author makes it, with its offset.
        make: Makes it.
        like: Name of the file whose randomness it shares, where it shows the same thing; its own otherwise.
    """

    media_type: str
    category: str
    at: datetime
    make: Maker
    like: str | None = None


class Files(Mapping[str, EvidenceFile]):
    """Files by name, kind by kind.

    Args:
        recipes: How each is made, by name.
        seed: The same seed gives the same bytes.
    """

    def __init__(self, recipes: Mapping[str, Recipe], seed: int) -> None:
        self._recipes = dict(recipes)
        self._seed = seed
        self._made: dict[str, EvidenceFile] = {}

    def __getitem__(self, name: str) -> EvidenceFile:
        if name not in self._made:
            recipe = self._recipes[name]
            rng = generator(self._seed, recipe.like or name)
            data = recipe.make(rng, recipe.at)
            self._made[name] = EvidenceFile(name, recipe.media_type, recipe.category, recipe.at, data)
        return self._made[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._recipes)

    def __len__(self) -> int:
        return len(self._recipes)

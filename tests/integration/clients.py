"""Clients that submit statements from several threads, and remember what a ledger acknowledged."""

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import httpx

from ledger.domain.clock import system_clock
from ledger.domain.genesis import Genesis
from tests.builders import EXPORTER, Author, Salts, Trip, an_author
from tests.integration.up import submit


class Clients:
    """Submits statements of one organisation about one trip.

    Args:
        genesis: The log.
        trip: What they are about.
        seed: Another one makes other statements.
        count: How many submit at once.
        enough: After how many acknowledgements `enough` is set.
    """

    def __init__(self, genesis: Genesis, trip: Trip, seed: object, *, count: int, enough: int) -> None:
        self.acknowledged: dict[bytes, int] = {}
        self.enough = threading.Event()
        self._authors = [an_author(EXPORTER, genesis=genesis) for _ in range(count)]
        for number, author in enumerate(self._authors):
            author.salts = Salts((seed, number))
        self._trip = trip
        self._wanted = enough
        self._lock = threading.Lock()
        self._over = threading.Event()

    @contextmanager
    def submitting(self, urls: Sequence[str]) -> Iterator[None]:
        """Submit while a block runs, to one ledger after another; a client ends when its ledger is gone."""
        threads = [threading.Thread(target=self._submit, args=(author, urls)) for author in self._authors]
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            self._over.set()
            for thread in threads:
                thread.join()

    def _submit(self, author: Author, urls: Sequence[str]) -> None:
        with httpx.Client() as http:
            number = 0
            while not self._over.is_set():
                number += 1
                signed = author.says("status", self._trip, {"number": number}, iat=system_clock())
                try:
                    answer = submit(http, signed, urls[number % len(urls)])
                except httpx.HTTPError:
                    return
                assert answer.status_code == 201, answer.text
                with self._lock:
                    self.acknowledged[signed.statement.id] = answer.json()["index"]
                    if len(self.acknowledged) >= self._wanted:
                        self.enough.set()

"""Scrubbing: all that is kept is read and compared with its CID; what has rotted is healed from elsewhere."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import Engine, select

from ledger.domain.errors import NotFoundError, UnavailableError, VerificationError
from ledger.evidence.store import EvidenceStore
from ledger.evidence.stores import Stores, parse_names
from ledger.storage.engine import read_transaction
from ledger.storage.evidence_tables import evidence_items

Progress = Callable[[int, int | None], None]
"""Is told how many bytes are done, and of how many."""


class State(StrEnum):
    """What is wrong with an item in a store."""

    ROTTEN = "rotten"
    MISSING = "missing"
    UNREADABLE = "unreadable"


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that is not as it should be.

    Args:
        store: Name of the store.
        cid: Of the item; None when the store itself cannot be asked.
        state: What is wrong.
        healed: Whether it is right again.
        message: What happened, in a sentence.
    """

    store: str
    cid: str | None
    state: State
    healed: bool
    message: str


@dataclass(frozen=True, slots=True)
class Scrubbed:
    """What came of a scrub.

    Args:
        items: How many copies of items were read.
        size: Their bytes.
        findings: What was wrong, healed or not.
    """

    items: int
    size: int
    findings: tuple[Finding, ...]

    @property
    def is_good(self) -> bool:
        """Whether everything is right now."""
        return all(one.healed for one in self.findings)


class Scrub:
    """Reads everything in every store of a ledger; a running ledger is not in its way.

    Args:
        engine: The ledger's database.
        stores: Its stores.
    """

    def __init__(self, engine: Engine, stores: Stores) -> None:
        self._engine = engine
        self._stores = stores
        self._findings: list[Finding] = []
        self._items = self._size = 0

    def run(self, progress: Progress = lambda _done, _of: None) -> Scrubbed:
        """Read all of it, heal what can be healed, and return what was found."""
        noted = self._noted()
        there = dict(self._listed())
        places = {cid: {name for name in names if name in there} for cid, (names, _) in noted.items()}
        for name, cids in there.items():
            for cid in cids:
                places.setdefault(cid, set()).add(name)
        self._not_set_up(noted)
        total = sum(len(names) * noted.get(cid, ((), 0))[1] for cid, names in places.items())
        for cid in sorted(places):
            self._look(cid, sorted(places[cid]), is_noted=cid in noted, progress=progress, total=total)
        return Scrubbed(self._items, self._size, tuple(self._findings))

    def _noted(self) -> dict[str, tuple[tuple[str, ...], int]]:
        """Return the stores that each item should be in, and its size."""
        column = evidence_items.c
        noted: dict[str, tuple[tuple[str, ...], int]] = {}
        with read_transaction(self._engine) as connection:
            for cid, stores, size in connection.execute(select(column.cid, column.stores, column.size)):
                before = noted.get(cid, ((), 0))[0]
                noted[cid] = parse_names(",".join([*before, stores]), "stores"), size
        return noted

    def _listed(self) -> Iterator[tuple[str, set[str]]]:
        """Yield the stores that can be asked, and what is in each."""
        for name, store in self._stores.by_name.items():
            try:
                yield name, set(store.cids())
            except UnavailableError as error:
                self._findings.append(Finding(name, None, State.UNREADABLE, False, error.message))

    def _not_set_up(self, noted: Mapping[str, tuple[tuple[str, ...], int]]) -> None:
        """Note stores that have items and that the settings do not name any more."""
        named = {name for names, _ in noted.values() for name in names}
        for name in sorted(named - set(self._stores.by_name)):
            message = f"there are items in the store {name!r}, and the settings do not say where it is"
            self._findings.append(Finding(name, None, State.UNREADABLE, False, message))

    def _look(self, cid: str, names: list[str], *, is_noted: bool, progress: Progress, total: int) -> None:
        """Read an item wherever it should be, and heal it."""
        good: EvidenceStore | None = None
        bad: list[Finding] = []
        for name in names:
            store = self._stores.by_name[name]
            finding = self._read(name, store, cid, progress, total)
            if finding is None:
                good = good or store
            else:
                bad.append(finding)
        if bad and is_noted and not self._is_noted(cid):
            # Swept or erased meanwhile.
            return
        self._findings += [self._healed(one, cid, good, is_noted=is_noted) for one in bad]

    def _read(
        self, name: str, store: EvidenceStore, cid: str, progress: Progress, total: int
    ) -> Finding | None:
        """Read an item in one store, and return what is wrong with it."""
        try:
            for piece in store.open(cid).chunks:
                self._size += len(piece)
                progress(self._size, max(total, self._size))
        except VerificationError as error:
            return Finding(name, cid, State.ROTTEN, False, error.message)
        except NotFoundError:
            return Finding(name, cid, State.MISSING, False, f"{cid} should be in the store {name!r}")
        except UnavailableError as error:
            return Finding(name, cid, State.UNREADABLE, False, error.message)
        self._items += 1
        return None

    def _healed(self, bad: Finding, cid: str, good: EvidenceStore | None, *, is_noted: bool) -> Finding:
        """Store an item anew where it is bad, from where it is good, and return what came of it."""
        if good is None or bad.state is State.UNREADABLE:
            return bad
        store = self._stores.by_name[bad.store]
        try:
            store.replace(cid, good.open(cid).chunks)
            if is_noted and not self._is_noted(cid):
                # Nothing that was erased meanwhile may come back so.
                store.delete(cid)
        except (NotFoundError, UnavailableError, VerificationError) as error:
            return Finding(
                bad.store, cid, bad.state, False, f"{bad.message}; healing failed: {error.message}"
            )
        return Finding(bad.store, cid, bad.state, True, bad.message)

    def _is_noted(self, cid: str) -> bool:
        with read_transaction(self._engine) as connection:
            query = select(evidence_items.c.cid).where(evidence_items.c.cid == cid)
            return connection.execute(query).first() is not None


def in_words(findings: Iterable[Finding]) -> list[str]:
    """Return what was found in a line each."""
    return [
        f"{one.state:10}  {'healed    ' if one.healed else 'NOT HEALED'}  {one.store:5}  {one.message}"
        for one in findings
    ]

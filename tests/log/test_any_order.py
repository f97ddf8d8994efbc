"""Whatever is done in whatever order, by however many, the log is the one that its entries say."""

import shutil
import tempfile
from pathlib import Path

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from ledger.domain.errors import PolicyError
from ledger.domain.statement import Seen
from ledger.log.append import Appended, Submission
from ledger.log.publisher import Publisher, Quorum
from ledger.log.store import LogStore
from tests.builders import a_genesis, a_trip
from tests.log.checker import check_log
from tests.log.logs import PROFILE, FakeWitness, a_database, log_signer, noon, opening, said

TRIPS = [a_trip(seed=("any", number)) for number in range(4)]
OPENINGS = [opening(trip) for trip in TRIPS]
SAID = [[said(trip, number) for number in range(6)] for trip in TRIPS]
EVERYTHING = [*OPENINGS, *(submission for stream in SAID for submission in stream)]


class AnyOrder(RuleBasedStateMachine):
    """Two stores on one database, and a model of the log: which statements it has taken, in order."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp())
        self.engines = [a_database(self.folder), a_database(self.folder)]
        self.stores = [LogStore(engine, noon, tiles_kept=1, nodes_kept=8) for engine in self.engines]
        self.witness = FakeWitness()
        self.indices: dict[bytes, int] = {}
        self.open: set[bytes] = set()
        self.size = 1
        self.published = 0

    @initialize()
    def create(self) -> None:
        for store in self.stores:
            store.create(a_genesis().document, PROFILE)

    @rule(which=st.integers(0, 1), places=st.lists(st.integers(0, len(EVERYTHING) - 1), max_size=8))
    def append(self, which: int, places: list[int]) -> None:
        batch = [EVERYTHING[place] for place in places]
        for submission, outcome in zip(batch, self.stores[which].append(batch), strict=True):
            self._expect(submission, outcome)

    def _expect(self, submission: Submission, outcome: Appended | PolicyError) -> None:
        statement = submission.statement
        if statement.id in self.indices:
            assert outcome == Appended(self.indices[statement.id], statement.id, duplicate=True)
        elif statement.kind != "subject-opened" and statement.streams[0] not in self.open:
            assert isinstance(outcome, PolicyError)
            assert outcome.code == "stream-unknown"
        else:
            assert outcome == Appended(self.size, statement.id, duplicate=False)
            self.indices[statement.id] = self.size
            self.open.add(statement.streams[0])
            self.size += 1

    @rule(which=st.integers(0, 1), down=st.booleans())
    def publish(self, which: int, down: bool) -> None:
        self.witness.down = down
        store = self.stores[which]
        with Publisher(store, log_signer(), noon, witnesses=[self.witness], quorum=Quorum(1)) as publisher:
            cycle = publisher.run_once()
        self.size += cycle.fixed
        if cycle.published:
            assert cycle.checkpoint.size > self.published
            self.published = cycle.checkpoint.size
        assert not (down and cycle.published)

    @rule(which=st.integers(0, 1), trip=st.integers(0, 3))
    def see(self, which: int, trip: int) -> None:
        checkpoint = self.stores[which].checkpoints.published()
        if checkpoint is not None and TRIPS[trip].custody_tag in self.open:
            seen = Seen(checkpoint.size, checkpoint.root)
            submission = said(TRIPS[trip], 100 + self.size, seen=seen)
            (outcome,) = self.stores[1 - which].append([submission])
            self._expect(submission, outcome)

    @invariant()
    def the_log_is_what_its_entries_say(self) -> None:
        if self.indices or self.size > 1:
            for store in self.stores:
                assert len(check_log(store)) == self.size
                published = store.checkpoints.published()
                assert (published.size if published else 0) == self.published

    def teardown(self) -> None:
        for engine in self.engines:
            engine.dispose()
        shutil.rmtree(self.folder)


TestAnyOrder = AnyOrder.TestCase
TestAnyOrder.settings = settings(max_examples=15, stateful_step_count=12)

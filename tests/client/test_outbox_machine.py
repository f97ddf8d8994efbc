"""Any order of signing, failing, sending and dying: what was added waits or is on record, there once."""

import tempfile
from contextlib import suppress
from pathlib import Path

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from ledger.client.outbox import Outbox
from ledger.client.outbox_entry import Place
from ledger.client.sending import send
from ledger.domain.errors import UnavailableError
from ledger.domain.statement import Statement
from tests.client.pretend import Pretend, Waits
from tests.client.test_outbox import FAULTS, gate

FILES = gate(8)
IDS = [Statement.parse(file.statement).id for file in FILES]
CODES = [(403, "not-a-member"), (403, "kind-not-allowed"), (503, "log-busy"), (500, "internal")]


class Dead(BaseException):
    """Stands for the end of the process: nothing catches it."""


class Gate(RuleBasedStateMachine):
    """A gate with an outbox, and a ledger that is not always there."""

    @initialize()
    def begin(self) -> None:
        """Set it up."""
        self.folder = tempfile.TemporaryDirectory()
        self.ledger = Pretend()
        self.added: set[bytes] = set()

    def teardown(self) -> None:
        """Bring everything to an end, and see that it is one."""
        if not hasattr(self, "folder"):
            return
        outbox = self.outbox()
        self.ledger.refused.clear()
        self.ledger.down, self.ledger.deaf = False, 0
        for entry in outbox.pending():
            outbox.retry(entry.id)
        self.deliver(outbox)
        assert outbox.pending() == []
        on_record = {bytes.fromhex(name) for name in self.ledger.log}
        assert self.added <= on_record == {entry.id for entry in outbox.sent()}
        self.folder.cleanup()

    def outbox(self, step: str | None = None) -> Outbox:
        """Return the outbox as a new process opens it, which dies at a step if one is given."""

        def fault(at: str) -> None:
            if at == step:
                raise Dead

        return Outbox(Path(self.folder.name) / "outbox", fault=fault)

    def deliver(self, outbox: Outbox) -> None:
        """Send it."""
        with self.ledger.service(patience=Waits().patience(attempts=1)) as service:
            try:
                send(outbox, service)
            except UnavailableError:
                assert self.ledger.down

    @rule(which=st.integers(0, 7), step=st.sampled_from([None, *FAULTS]))
    def add(self, which: int, step: str | None) -> None:
        """Add a statement."""
        try:
            self.outbox(step).add(FILES[which])
        except Dead:
            return
        self.added.add(IDS[which])

    @rule(step=st.sampled_from([None, None, *FAULTS]))
    def send(self, step: str | None) -> None:
        """Send what waits."""
        with suppress(Dead):
            self.deliver(self.outbox(step))

    @rule(down=st.booleans(), deaf=st.integers(0, 2))
    def network(self, down: bool, deaf: int) -> None:
        """Change the network."""
        self.ledger.down, self.ledger.deaf = down, deaf

    @rule(which=st.integers(0, 7), code=st.sampled_from([None, *CODES]))
    def refuse(self, which: int, code: tuple[int, str] | None) -> None:
        """Change what the ledger takes."""
        self.ledger.refused.pop(IDS[which], None)
        if code is not None:
            self.ledger.refused[IDS[which]] = code

    @rule(which=st.integers(0, 7))
    def retry(self, which: int) -> None:
        """Have one sent again, whatever became of it."""
        outbox = self.outbox()
        if IDS[which] in self.added:
            assert outbox.retry(IDS[which]).place is Place.WAITING

    @invariant()
    def nothing_is_lost_and_nothing_is_there_twice(self) -> None:
        """Check what must always hold."""
        if not hasattr(self, "folder"):
            return
        outbox = self.outbox()
        there = [entry.id for entry in (*outbox.pending(), *outbox.sent())]
        assert len(there) == len(set(there))
        assert self.added <= set(there)
        assert len(self.ledger.log) == len(set(self.ledger.log))
        assert {entry.id.hex() for entry in outbox.sent()} <= set(self.ledger.log)
        assert outbox.damaged() == []


Gate.TestCase.settings = settings(max_examples=25, stateful_step_count=15)
TestGate = Gate.TestCase

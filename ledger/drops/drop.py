"""A drop: looks at its folder again and again, takes what is whole, brings it to the ledger, tidies up."""

import secrets
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

from ledger.client import durable
from ledger.client.refusals import LaterError
from ledger.client.service import Service
from ledger.domain import strict_json
from ledger.domain.errors import CorridorError, VerificationError
from ledger.drops.delivering import Delivery, Sent
from ledger.drops.folder import Candidate, ChangedError, is_plain, look, plain_name
from ledger.drops.journal import writing
from ledger.drops.moving import Mover
from ledger.drops.quarantine import Quarantine
from ledger.drops.settings import SIDECAR
from ledger.drops.settle import Settling
from ledger.drops.taking import Desk, Outcome, Taker

_SAID_SECONDS: Final = 60
"""How long the same is not said again: a quiet drop need not wear out a disk."""
STATUS: Final = "status.json"
AGAIN: Final = "again"
_BUSY: Final = "it is being written"
_DOOMED: Final = ".taken-"


@dataclass(frozen=True, slots=True)
class Round:
    """What one round came to.

    Args:
        taken: How many files were taken.
        aside: How many were set aside.
        moved: How many are on record, and were moved away.
        waiting: What stays in the folder, and why, by name.
        skipped: What is never touched, and why, by name.
        sent: What became of what waited for the ledger.
    """

    taken: int
    aside: int
    moved: int
    waiting: dict[str, str] = field(default_factory=dict)
    skipped: dict[str, str] = field(default_factory=dict)
    sent: Sent = field(default_factory=Sent)

    @property
    def is_quiet(self) -> bool:
        """Whether there was nothing to do."""
        return not (self.taken or self.aside or self.moved or self.sent.done or self.sent.refused)


class Drop:
    """A drop at work. Hold `ledger.storage.folder_lock.only_one` of its own folder meanwhile.

    Args:
        desk: What it takes to take files.
        service: Opens the ledger.
        monotonic: A clock that only goes forward, in seconds.
    """

    def __init__(self, desk: Desk, service: Callable[[], Service], monotonic: Callable[[], float]) -> None:
        self._desk = desk
        self._config = desk.config
        self._monotonic = monotonic
        self._settling = Settling(desk.config)
        self._taker = Taker(desk)
        self._said: Mapping[str, object] = {}
        self._said_at = 0
        self._delivery = Delivery(desk, service)
        self._quarantine = Quarantine(desk.config.quarantine, desk.config.folder)
        self._mover = Mover(desk.config.folder, desk.config.state, fault=desk.fault)

    def begin(self) -> None:
        """Make the drop's own folders, and remove what a crash left half done.

        Raises:
            UnavailableError: They cannot be written.
        """
        desk = self._desk
        desk.journal.prepare()
        self._mover.recover()
        self._quarantine.recover()
        with writing(self._config.state):
            desk.own_secrets.prepare()
            for folder in (desk.sealed, desk.secrets, self._config.state / AGAIN):
                folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            for path in self._config.folder.glob(f"{_DOOMED}*"):
                shutil.rmtree(path)
            self._clear()

    def round(self) -> Round:
        """Look once at everything, and do what there is to do.

        Raises:
            UnavailableError: A folder cannot be read or written. Nothing is lost; the next round goes on.
        """
        self._mover.recover()
        self._retry()
        now = self._monotonic()
        seen = look(self._config.folder)
        whole, waiting = self._settling.whole(seen.files, now)
        beside = {one.name: one for one in seen.files}
        taken = aside = 0
        for candidate in whole:
            outcome = self._take(candidate, beside, now)
            if outcome.what == "aside" and outcome.why is not None:
                aside += self._set_aside(self._with_beside(candidate, beside), outcome.why, waiting)
            elif outcome.what == "waits":
                waiting[candidate.name] = _BUSY if outcome.why is None else outcome.why.message
            taken += outcome.what == "taken"
        sent = self._deliver()
        moved = 0
        for candidate in whole:
            moved += self._tidy(candidate, beside, now, waiting)
        done = Round(taken, aside, moved, _shown(waiting), _shown(seen.skipped), sent)
        self._report(done)
        return done

    def _clear(self) -> None:
        """Remove what was sealed and is in no note."""
        desk = self._desk
        sealed, own = list(desk.sealed.iterdir()), desk.own_secrets.cids()
        kept = {cid for taken in desk.journal.pending() for cid in taken.cids}
        done = {cid for taken in desk.journal.done() for cid in taken.cids} if sealed or own else set()
        for path in sealed:
            cid = path.name.removeprefix(".").removesuffix(".upload")
            if cid not in kept:
                path.unlink()
                if path.name == cid and cid not in done:
                    desk.forget(cid)
        desk.own_secrets.keep_only(kept | done)

    def _take(self, candidate: Candidate, beside: dict[str, Candidate], now: float) -> Outcome:
        try:
            return self._taker.take(candidate, beside, lambda name: self._settling.rests(name, now))
        except ChangedError:
            return Outcome("waits")
        except OSError as error:
            return Outcome("waits", CorridorError("cannot-read", f"it cannot be read: {error.strerror}"))

    def _set_aside(self, files: list[Candidate], why: CorridorError, waiting: dict[str, str]) -> bool:
        try:
            self._quarantine.put(self._mover, files, why, self._desk.author.clock())
        except ChangedError:
            waiting[files[0].name] = _BUSY
            return False
        return True

    def _deliver(self) -> Sent:
        try:
            return self._delivery.deliver()
        except (LaterError, VerificationError) as error:
            return Sent(waiting=len(list(self._desk.journal.pending())), stopped=error)

    def _tidy(
        self, candidate: Candidate, beside: dict[str, Candidate], now: float, waiting: dict[str, str]
    ) -> bool:
        """Move a file away when the ledger has all of it; else say what it waits for."""
        if candidate.name in waiting or not is_plain(candidate.name):
            return False
        outcome = self._take(candidate, beside, now)
        if outcome.what == "on-record":
            try:
                self._away(self._with_beside(candidate, beside))
            except ChangedError:
                waiting[candidate.name] = _BUSY
                return False
            return True
        if outcome.what in ("known", "waits"):
            waiting[candidate.name] = self._why(candidate) if outcome.why is None else outcome.why.message
        return False

    def _why(self, candidate: Candidate) -> str:
        found = self._desk.journal.find(self._taker.digests.get(candidate.mark, ""))
        if found is not None and (refused := found[0].refused) is not None:
            return f"the ledger does not take it: {refused.message} [{refused.code}]"
        return "it waits for the ledger"

    def _with_beside(self, candidate: Candidate, beside: dict[str, Candidate]) -> list[Candidate]:
        """Return a file, and what lies beside it."""
        ends = [SIDECAR, self._config.marker] if self._config.whole == "marker" else [SIDECAR]
        names = [f"{candidate.name}{end}" for end in ends]
        return [candidate, *(beside[name] for name in names if name in beside)]

    def _away(self, files: list[Candidate]) -> None:
        taken = self._config.taken
        if taken is not None:
            # A name comes again: each day has its scan 0001.
            taken = taken if not (taken / files[0].name).exists() else taken / secrets.token_hex(4)
            self._mover.move(files, taken)
            return
        # Not removed at once: only what was moved is known to be what was looked at.
        doomed = self._config.folder / f"{_DOOMED}{secrets.token_hex(8)}"
        self._mover.move(files, doomed)
        with writing(doomed):
            shutil.rmtree(doomed)

    def _retry(self) -> None:
        """Give up what a clerk wants taken anew."""
        wanted = self._config.state / AGAIN
        for path in wanted.iterdir() if wanted.is_dir() else ():
            for taken in self._desk.journal.pending():
                if taken.digest == path.name:
                    self._delivery.again(taken)
            with writing(wanted):
                path.unlink()

    def _report(self, done: Round) -> None:
        stopped = done.sent.stopped
        at = self._desk.author.clock()
        said: Mapping[str, object] = {
            "waiting": done.waiting,
            "skipped": done.skipped,
            "stopped": None if stopped is None else {"code": stopped.code, "message": stopped.message},
        }
        if said == self._said and at - self._said_at < _SAID_SECONDS:
            return
        with writing(self._config.state):
            durable.put(self._config.state / STATUS, strict_json.dumps({"at": at, **said}))
        self._said, self._said_at = said, at


def watch(
    drop: Drop,
    *,
    seconds: float,
    sleep: Callable[[float], None],
    report: Callable[[Round | CorridorError], None],
) -> None:
    """Go round for ever.

    Args:
        drop: The drop; it has begun.
        seconds: How long to rest between two rounds.
        sleep: Rests.
        report: Is told of each round, and of what hindered one.
    """
    while True:
        try:
            report(drop.round())
        except CorridorError as error:
            report(error)
        sleep(seconds)


def _shown(reasons: dict[str, str]) -> dict[str, str]:
    return {plain_name(name): reason for name, reason in sorted(reasons.items())}

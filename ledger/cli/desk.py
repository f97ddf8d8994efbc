"""Where a command puts what it signs: on record at a ledger now, or into an outbox for later."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ledger.cli.files import write_file
from ledger.cli.output import moment, result, warn
from ledger.cli.services import genesis_in, memory, open_service, signer_of
from ledger.domain.clock import system_clock
from ledger.domain.errors import CorridorError, NotFoundError, UnavailableError, UsageError

if TYPE_CHECKING:
    from ledger.client import Service
    from ledger.client.answers import Registered
    from ledger.client.author import Author
    from ledger.client.outbox import Outbox
    from ledger.domain.genesis import Genesis
    from ledger.domain.statement import Draft, Seen, Statement

CUSTODY = "custody"
_OFFLINE = "where the network is not to be relied on, sign into an outbox (--outbox) and send later"


@dataclass(frozen=True, slots=True)
class Means:
    """What the command line says of who signs and where it goes.

    Args:
        to: URL of the ledger.
        key: Key file of the organisation.
        iss: URI of the organisation; the name in the key file if None.
        passphrase_file: See `read_passphrase`.
        outbox: Folder of an outbox to use instead of submitting.
        genesis: Genesis document of the log.
        lenient: Whether it goes on record also when it contradicts what is there.
        out: Where to write the statement file, too.
    """

    to: str | None
    key: Path
    iss: str | None = None
    passphrase_file: Path | None = None
    outbox: Path | None = None
    genesis: Path | None = None
    lenient: bool = False
    out: Path | None = None


@dataclass(frozen=True, slots=True)
class Told:
    """What became of a statement.

    Args:
        statement: As signed.
        registered: Its acknowledgement; None when it waits in an outbox.
    """

    statement: "Statement"
    registered: "Registered | None"

    def show(self, *, as_json: bool, **more: object) -> None:
        """Print it; what the ledger found strange goes to standard error."""
        place = self.registered
        shown: dict[str, Any] = {"id": self.statement.id.hex(), **more}
        if place is None:
            shown["state"] = "in the outbox"
        else:
            shown |= {"index": place.index, "state": "logged"}
            for one in place.warnings:
                warn(f"{one.message} [{one.code}]")
        result(shown, as_json=as_json)


@dataclass(frozen=True, slots=True)
class Desk:
    """One who signs, and where what is signed goes.

    Args:
        author: Who signs.
        held: The newest checkpoint held.
        service: The ledger; None when there is only an outbox.
        outbox: The outbox; None when it goes to the ledger now.
        means: What the command line says.
    """

    author: "Author"
    held: "Seen"
    service: "Service | None"
    outbox: "Outbox | None"
    means: Means

    def say(self, draft: "Draft", conceal: "Sequence[Sequence[str | int]]" = ()) -> Told:
        """Sign a statement and put it on record, or into the outbox.

        Raises:
            CorridorError: It does not fit the format, or the ledger refuses it.
            UnavailableError: The ledger or the outbox cannot take it now.
        """
        from ledger.domain.statement import Statement

        file = self.author.sign(draft, self.held, conceal)
        statement = Statement.parse(file.statement)
        if self.means.out is not None:
            write_file(self.means.out, file.encode())
        if self.outbox is not None:
            self.outbox.add(file)
            return Told(statement, None)
        assert self.service is not None
        try:
            return Told(statement, self.service.submit(file, lenient=self.means.lenient))
        except UnavailableError as error:
            way = _OFFLINE if self.means.out is None else f"submit {self.means.out} again later"
            raise _with_way_out(error, way) from None
        except CorridorError:
            # A statement that was refused is no copy of one on record.
            if self.means.out is not None:
                self.means.out.unlink(missing_ok=True)
            raise

    def streams(self, subjects: Sequence[str], given: Sequence[str]) -> list[bytes]:
        """Return the tags of the streams to file a statement in.

        Args:
            subjects: URIs of what it is about.
            given: Tags in hex, as the command line has them; the custody streams of the subjects if empty.

        Raises:
            MalformedError: A tag has a wrong form.
            NotFoundError: A subject has no custody stream that you may use.
            UsageError: None is given, and there is no ledger to ask.
        """
        from ledger.domain.fields import from_hex

        if given:
            return [from_hex(tag, 32, "--stream") for tag in given]
        if self.service is None:
            raise UsageError("no-stream", "without a ledger to ask, say the streams' tags: --stream TAG")
        tags = [custody_stream(self.service.subject(uri)) for uri in subjects]
        return list(dict.fromkeys(tags))


def custody_stream(subject: Mapping[str, Any]) -> bytes:
    """Return the tag of the custody stream of a subject as the service shows it.

    Raises:
        NotFoundError: It has none that you may use.
    """
    from ledger.domain.fields import from_hex

    for stream in subject.get("streams", ()):
        if stream.get("name") == CUSTODY:
            return from_hex(stream.get("tag"), 32, "the stream's tag")
    raise NotFoundError("no-custody-stream", f"{subject.get('uri')} has no custody stream that you may use")


@contextmanager
def open_desk(means: Means) -> Iterator[Desk]:
    """Give a desk while a block runs.

    Raises:
        UsageError: The key, the passphrase or the URL cannot be used, or there is neither ledger nor outbox.
        VerificationError: The ledger is of another log than before.
        UnavailableError: The ledger cannot be reached now, and no outbox was named.
    """
    from ledger.client.author import Author
    from ledger.client.outbox import Outbox
    from ledger.client.refusals import LaterError

    with ExitStack() as stack:
        if means.outbox is None:
            try:
                service = stack.enter_context(
                    open_service(means.to, means.key, means.iss, means.passphrase_file, genesis=means.genesis)
                )
                genesis, held, outbox = service.genesis, service.seen(), None
            except LaterError as error:
                raise _with_way_out(error, _OFFLINE) from None
            signer, iss = service.session.signer, service.session.iss
        else:
            signer, iss = signer_of(means.key, means.iss, means.passphrase_file)
            genesis, outbox, service = _known_log(means), Outbox(means.outbox), None
            held = _held(genesis)
        assert signer is not None
        assert iss is not None
        yield Desk(Author(signer, iss, genesis.audience), held, service, outbox, means)


def when(at: str | None = None, option: str = "--at") -> str:
    """Return a time that the command line names, or now, as statements write it (RFC 3339).

    Args:
        at: The time as it is given; now if None.
        option: What to call it in a complaint.

    Raises:
        MalformedError: It has another form.
    """
    from ledger.domain.fields import timestamp

    if at is None:
        return str(moment(system_clock()))
    timestamp(at, option)
    return at


def _with_way_out(error: UnavailableError, way: str) -> UnavailableError:
    return UnavailableError(error.code, f"{error.message}; {way}", field=error.field)


def _known_log(means: Means) -> "Genesis":
    if means.genesis is not None:
        return genesis_in(means.genesis)
    known = None if means.to is None else memory().log_of(means.to.rstrip("/"))
    if known is not None:
        return known
    raise UsageError(
        "which-log",
        "nothing is known of the log that this is for: give --genesis FILE, or --to URL of a ledger that was "
        "asked before",
    )


def _held(genesis: "Genesis") -> "Seen":
    from ledger.domain.statement import Seen

    newest = memory().newest(genesis)
    return Seen(0, genesis.hash) if newest is None else Seen(newest.size, newest.root)

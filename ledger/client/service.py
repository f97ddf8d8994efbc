"""A running ledger as its participants use it: statements in; records and proofs out."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, BinaryIO, Final, Self
from urllib.parse import quote

import httpx

from ledger.client.answers import Registered, Standing, State
from ledger.client.http import Http, Patience, Report, no_report, wrong_answer
from ledger.client.kept_session import KeptSessions
from ledger.client.log import RemoteLog
from ledger.client.memory import Memory
from ledger.client.refusals import LaterError
from ledger.client.session import Session
from ledger.domain import strict_json
from ledger.domain.clock import Clock, system_clock
from ledger.domain.cose import Signer
from ledger.domain.errors import CorridorError, MalformedError, UnavailableError, UsageError
from ledger.domain.genesis import Genesis
from ledger.domain.statement import FILE_MEDIA_TYPE, MAX_FILE_BYTES, Seen, Statement, StatementFile
from ledger.domain.subject import SECRET_SIZE, Subject, stream_tag
from ledger.verification.container import Source, open_container
from ledger.verification.dossier import Dossier
from ledger.verification.zip_layout import MAX_SIZE

MAX_RECEIPT: Final = 64 * 1_048_576
_MAX_ACKNOWLEDGEMENT: Final = 65_536
_POLL_SECONDS: Final = 2.0
_LENIENT: Final = {"Prefer": "handling=lenient"}


class Service:
    """A ledger behind a URL. Use it as a context manager.

    Args:
        url: Where it is, as `corridor up` prints it.
        signer: The organisation's key; without it, what needs a session needs one of an officer.
        iss: URI of the organisation.
        genesis: Genesis document of the log that it has to be; what was remembered of the URL, or what the
            service shows, if None.
        memory: Remembers logs and checkpoints; only as long as this object lives if None.
        clock: Dates logins.
        patience: How long to try.
        transport: Where requests go instead of the network.
        sessions: Where officers' sessions are kept; nowhere if None.

    Raises:
        UsageError: It is no URL of HTTP.
    """

    def __init__(
        self,
        url: str,
        signer: Signer | None = None,
        iss: str | None = None,
        *,
        genesis: Genesis | None = None,
        memory: Memory | None = None,
        clock: Clock = system_clock,
        patience: Patience | None = None,
        transport: httpx.BaseTransport | None = None,
        sessions: KeptSessions | None = None,
    ) -> None:
        self.http = Http.open(url, patience, transport)
        self.log = RemoteLog(self.http, memory or Memory(), genesis, transport)
        kept = sessions or KeptSessions(None)
        self.session = Session(
            self.http, signer, iss, lambda: self.genesis.audience, clock, kept=lambda: kept.of(self.http.url)
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, _kind: object, error: object, _trace: object) -> None:
        try:
            # A token that nobody needs any more is better ended; but who cannot be reached is not waited for.
            if not isinstance(error, UnavailableError):
                with suppress(CorridorError):
                    self.session.leave()
        finally:
            self.http.close()

    @property
    def url(self) -> str:
        """Where it is."""
        return self.http.url

    @property
    def genesis(self) -> Genesis:
        """The genesis document of its log; raises as `RemoteLog.genesis`."""
        return self.log.genesis

    def login(self) -> dict[str, Any]:
        """Begin a session now, and return what the service says of it; raises as `Session.login`."""
        return self.session.login()

    def seen(self) -> Seen:
        """Return what a signer says of the log today; raises as `RemoteLog.checkpoint`."""
        return self.log.seen()

    def submit(self, file: StatementFile, *, lenient: bool = False) -> Registered:
        """Submit a statement; the same again does no harm. No session is needed.

        Args:
            file: The statement with its disclosures.
            lenient: Whether it is to go on record also when it contradicts what is there, with warnings.

        Raises:
            CorridorError: The service refuses it, and why.
            VerificationError: It is for another log, or what answers is no acknowledgement of it.
            UnavailableError: The service cannot be reached or cannot take anything now.
        """
        statement = Statement.parse(file.statement)
        headers = {"Content-Type": FILE_MEDIA_TYPE} | (_LENIENT if lenient else {})
        answer = self.http.ask(
            "POST",
            "/v1/statements",
            content=file.encode(),
            headers=headers,
            max_bytes=_MAX_ACKNOWLEDGEMENT,
        )
        return Registered.parse(answer.json(), statement.id)

    def status(self, identifier: bytes) -> Standing:
        """Return where a statement stands.

        Args:
            identifier: Of the statement, 32 bytes.

        Raises:
            NotFoundError: It is not there, or not for you to read.
            UnavailableError: The service cannot be reached now.
        """
        answer = self.session.ask("GET", f"/v1/statements/{identifier.hex()}")
        seconds = answer.headers.get("retry-after", "")
        again = float(seconds) if seconds.isdigit() and len(seconds) < 7 else None
        return Standing.parse(answer.json(), identifier, again)

    def follow(
        self,
        identifier: bytes,
        report: Callable[[Standing], None] = lambda _standing: None,
        *,
        seconds: float | None = None,
    ) -> Standing:
        """Ask again and again until the anchor of a statement is final.

        Args:
            identifier: Of the statement, 32 bytes.
            report: Is told each time where it stands.
            seconds: How long to go on; without end if None.

        Raises:
            LaterError: It was not final when the time was over.
            NotFoundError: It is not there, or not for you to read.
            UnavailableError: The service cannot be reached now.
        """
        patience = self.http.patience
        until = None if seconds is None else patience.monotonic() + seconds
        while True:
            standing = self.status(identifier)
            report(standing)
            if standing.state is State.FINAL:
                return standing
            if until is not None and patience.monotonic() >= until:
                message = f"the statement is {standing.state} and not final yet; follow it again later"
                raise LaterError("not-final", message, again=False)
            patience.sleep(min(_POLL_SECONDS if standing.again is None else standing.again, 60.0))

    def statement_file(self, identifier: bytes) -> StatementFile:
        """Return a statement with the disclosures that you may read; raises as `status`."""
        answer = self.session.ask("GET", f"/v1/statements/{identifier.hex()}/file", max_bytes=MAX_FILE_BYTES)
        try:
            file = StatementFile.parse(answer.data)
            if Statement.parse(file.statement).id != identifier:
                raise wrong_answer("another statement than the one asked for")
        except MalformedError as error:
            raise wrong_answer(error.message) from None
        return file

    def receipt(self, identifier: bytes) -> bytes:
        """Return the receipt file of a statement; whoever gets it verifies it under a trust file.

        Raises:
            ConflictError: It is not final yet.
            NotFoundError: It is not there, or not for you to read.
            UnavailableError: The service cannot be reached now.
            VerificationError: What came is no receipt file of this statement.
        """
        path = f"/v1/statements/{identifier.hex()}/receipt"
        data = self.session.ask("GET", path, max_bytes=MAX_RECEIPT).data
        made = _contained(data)
        if made.receipt is None or [Statement.parse(one.raw).id for one in made.statements] != [identifier]:
            raise wrong_answer("no receipt file of the statement asked for")
        return data

    def dossier(
        self, uri: str, file: BinaryIO, report: Report = no_report, *, evidence: str = "secrets"
    ) -> Dossier:
        """Write the dossier of a subject into a file; whoever gets it verifies it under a trust file.

        Args:
            uri: Of the subject.
            file: A file on disk, open for writing.
            report: Is told how far it is.
            evidence: `none`; `secrets` that are wrapped for you; or `all`, the sealed bytes as well.

        Raises:
            NotFoundError: There is no such subject, or it is not for you to read.
            UnavailableError: The service cannot be reached now, or has no final anchor yet.
            VerificationError: What came is no dossier of this subject.
        """
        path = f"{subject_path(uri)}/dossier?evidence={evidence}"
        self.session.within(
            lambda headers: self.http.download(path, file, headers=headers, max_bytes=MAX_SIZE, report=report)
        )
        file.flush()
        made = _contained(Path(file.name))
        if made.header.shipment != uri:
            raise wrong_answer("a dossier of another subject than the one asked for")
        return made

    def join(self, secret: bytes) -> dict[str, Any]:
        """Become a member of a stream by showing its secret, and return what the service says of the stream.

        Args:
            secret: 16 bytes.

        Raises:
            UsageError: The secret has another size.
            NotFoundError: No stream with this secret was opened.
            UnavailableError: The service cannot be reached now.
        """
        if len(secret) != SECRET_SIZE:
            raise UsageError("malformed-secret", f"a stream secret has {SECRET_SIZE} bytes")
        joined = self._post("/v1/memberships", {"secret": secret.hex()})
        if joined.get("stream") != stream_tag(secret).hex():
            raise wrong_answer("a membership of another stream")
        return joined

    def members(self, tag: bytes) -> Iterator[dict[str, Any]]:
        """Yield who may read and file in a stream; raises as `status`."""
        return self.items(f"/v1/streams/{tag.hex()}/members", {})

    def subjects(self, **wanted: str | None) -> Iterator[dict[str, Any]]:
        """Yield the subjects that you may read; `type` and `key` narrow them down."""
        return self.items("/v1/subjects", wanted)

    def subject(self, uri: str) -> dict[str, Any]:
        """Return what is known of a subject; raises as `status`."""
        return self._get(subject_path(uri))

    def statements(self, uri: str, **wanted: str | None) -> Iterator[dict[str, Any]]:
        """Yield the statements about a subject; `kind` and `stream` narrow them down."""
        return self.items(f"{subject_path(uri)}/statements", wanted)

    def links(self, uri: str) -> dict[str, Any]:
        """Return what a subject is linked to; raises as `status`."""
        return self._get(f"{subject_path(uri)}/links")

    def custody(self, uri: str, at: str | None = None) -> dict[str, Any]:
        """Return the line of custody of a subject; raises as `status`.

        Args:
            uri: Of the subject.
            at: RFC 3339 time for which the holder is wanted.
        """
        return self._get(f"{subject_path(uri)}/custody", {} if at is None else {"at": at})

    def passages(self, uri: str) -> dict[str, Any]:
        """Return the gate passages of a subject, and its cameras' clips; raises as `status`."""
        return self._get(f"{subject_path(uri)}/passages")

    def verdict(self, uri: str) -> dict[str, Any]:
        """Return the operator's own verdict of a dossier, which proves nothing; raises as `status`."""
        return self._get(f"{subject_path(uri)}/verdict")

    def hand_overs(self, state: str = "open") -> Iterator[dict[str, Any]]:
        """Yield the hand-overs that your organisation is a party of: those `open`, or `all`."""
        return self.items("/v1/hand-overs", {"state": state})

    def grants(self, **wanted: str | None) -> Iterator[dict[str, Any]]:
        """Yield the grants that your organisation gave or was given; by `role`, `state` and `subject`."""
        return self.items("/v1/grants", wanted)

    def access_requests(self, **wanted: str | None) -> Iterator[dict[str, Any]]:
        """Yield the requests to your organisation, or those that it sent; by `role` and `state`."""
        return self.items("/v1/access-requests", wanted)

    def _get(self, path: str, params: Mapping[str, str | int] | None = None) -> dict[str, Any]:
        return self.session.ask("GET", path, params=params).json()

    def _post(self, path: str, value: Mapping[str, Any]) -> dict[str, Any]:
        return self.session.ask(
            "POST", path, content=strict_json.dumps(value), headers={"Content-Type": "application/json"}
        ).json()

    def items(self, path: str, wanted: Mapping[str, str | None]) -> Iterator[dict[str, Any]]:
        """Yield the items of all pages of a list.

        Args:
            path: Of the list.
            wanted: Parameters that narrow it down; None is left out.

        Raises:
            UnavailableError: The service cannot be reached now.
        """
        params = {name: value for name, value in wanted.items() if value is not None}
        seen: set[str] = set()
        while True:
            page = self._get(path, params)
            items, cursor = page.get("items"), page.get("next")
            if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
                raise wrong_answer("a page without items")
            yield from items
            if cursor is None:
                return
            if not isinstance(cursor, str) or cursor in seen:
                raise wrong_answer("pages that go round in a circle")
            seen.add(cursor)
            params["cursor"] = cursor


def subject_path(uri: str) -> str:
    """Return where a service keeps what belongs to a subject; MalformedError when the URI is none."""
    return f"/v1/subjects/{quote(Subject.parse(uri).uri, safe=':')}"


def _contained(source: Source) -> Dossier:
    try:
        return Dossier.parse(open_container(source))
    except MalformedError as error:
        raise wrong_answer(error.message) from None

"""Asks witnesses for cosignatures, as the publisher does before it publishes a checkpoint."""

import asyncio
from collections.abc import Sequence
from typing import Final, Protocol

import httpx
from tenacity import AsyncRetrying, retry_if_exception_type, stop_after_attempt, wait_random_exponential

from ledger.domain.checkpoint import Checkpoint, from_decimal, verify_cosignatures
from ledger.domain.clock import Clock
from ledger.domain.errors import (
    CorridorError,
    MalformedError,
    PolicyError,
    UnavailableError,
    UsageError,
    VerificationError,
)
from ledger.domain.note import COSIGNATURE_V1, Note, VerifierKey, parse_signatures
from ledger.log.http_url import http_url
from ledger.log.witness_protocol import MAX_ANSWER, PATH, SIZE_MEDIA_TYPE, Request, WitnessConflict

__all__ = ["HttpWitnessClient", "WitnessClient", "WitnessConflict", "checked_answer"]

DEFAULT_DEADLINE: Final = 10.0
DEFAULT_SKEW: Final = 300
_ATTEMPTS: Final = 3
_LONGEST_REASON: Final = 300


class WitnessClient(Protocol):
    """One witness: a name, a key that is known beforehand, and a way to ask it."""

    @property
    def name(self) -> str:
        """Name of the witness: the key name of its verifier key."""
        ...

    @property
    def vkey(self) -> str:
        """Verifier key that its cosignatures must verify under."""
        ...

    def add_checkpoint(self, old_size: int, proof: Sequence[bytes], note: bytes) -> bytes:
        """Return the witness's cosignature line, verified and ending in a newline.

        Args:
            old_size: Size of the checkpoint that the witness cosigned last, 0 for none.
            proof: Consistency proof from there to the checkpoint, 32-byte hashes; empty from 0 and from the
                checkpoint's own size.
            note: The checkpoint, signed by the log.

        Raises:
            WitnessConflict: The witness goes on from another size, which `.size` says: prove from there.
            UnavailableError: It is down, too slow, or has a fault of its own; the same request may be sent
                again.
            VerificationError: It answered with something other than its cosignature of this checkpoint, now.
            PolicyError: It refuses: it does not know the log or its key, or the proof does not hold.
        """
        ...


class HttpWitnessClient:
    """A witness that speaks C2SP tlog-witness over HTTP.

    Args:
        url: Submission prefix: where `add-checkpoint` lies, without that last part.
        vkey: The witness's verifier key (type 04).
        clock: What the time of its cosignatures is compared with.
        deadline: Seconds for the whole exchange, retries included.
        max_skew: How many seconds the witness's clock may be off from `clock`, either way.
        transport: Where requests go instead of the network.

    Raises:
        UsageError: The URL is not one of HTTP, or the key is not a witness's.
        MalformedError: `vkey` is not a verifier key.
    """

    def __init__(
        self,
        url: str,
        vkey: str,
        *,
        clock: Clock,
        deadline: float = DEFAULT_DEADLINE,
        max_skew: int = DEFAULT_SKEW,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self._key = VerifierKey.parse(vkey)
        if self._key.kind != COSIGNATURE_V1:
            raise UsageError("witness-key", f"{self._key.name} is not the key of a witness (type 04)")
        add_checkpoint = http_url(url.rstrip("/") + PATH)
        if add_checkpoint is None:
            raise UsageError(
                "witness-url", f"the witness {self._key.name} needs an http or https URL; {url!r} is none"
            )
        self._url = add_checkpoint
        self._clock = clock
        self._deadline = deadline
        self._max_skew = max_skew
        self._transport = transport
        # Made once: reading the certificates takes longer than the rest of an exchange.
        self._tls = httpx.create_ssl_context()

    @property
    def name(self) -> str:
        """Name of the witness."""
        return self._key.name

    @property
    def vkey(self) -> str:
        """Its verifier key."""
        return self._key.encode()

    def add_checkpoint(self, old_size: int, proof: Sequence[bytes], note: bytes) -> bytes:
        """See `WitnessClient.add_checkpoint`. Not to be called from within an event loop."""
        request = Request.make(old_size, proof, note)
        # An event loop only because it can end an exchange at a deadline: a socket's timeouts begin anew with
        # every byte, so that a witness which sends slowly enough would hold a thread for ever.
        status, media_type, body = asyncio.run(self._exchange(request.encode()))
        if status == httpx.codes.OK:
            return checked_answer(body, note, self._key, self._clock(), self._max_skew)
        raise self._refusal(status, media_type, body, request)

    async def _exchange(self, body: bytes) -> tuple[int, str, bytes]:
        try:
            async with asyncio.timeout(self._deadline):
                # Sent again only while nothing of it can have arrived. After that the witness may have
                # decided, and its answer to the same request would be a conflict with itself.
                async for attempt in AsyncRetrying(
                    retry=retry_if_exception_type((httpx.ConnectError, httpx.ConnectTimeout)),
                    stop=stop_after_attempt(_ATTEMPTS),
                    wait=wait_random_exponential(0.1, max=1),
                    reraise=True,
                ):
                    with attempt:
                        return await self._post(body)
        except TimeoutError:
            raise self._unavailable(f"did not answer within {self._deadline:g} s") from None
        except httpx.HTTPError as error:
            raise self._unavailable(f"cannot be reached: {str(error) or type(error).__name__}") from None
        raise AssertionError("tenacity ends by a return or an exception")

    async def _post(self, body: bytes) -> tuple[int, str, bytes]:
        async with (
            httpx.AsyncClient(transport=self._transport, timeout=self._deadline, verify=self._tls) as client,
            client.stream(
                "POST", self._url, content=body, headers={"Accept-Encoding": "identity"}
            ) as response,
        ):
            answer = b""
            async for part in response.aiter_bytes():
                answer += part
                if len(answer) > MAX_ANSWER:
                    raise VerificationError(
                        "witness-answer", f"witness {self.name} answers with more than {MAX_ANSWER} bytes"
                    )
            return response.status_code, response.headers.get("content-type", ""), answer

    def _refusal(self, status: int, media_type: str, body: bytes, request: Request) -> CorridorError:
        if status == httpx.codes.CONFLICT:
            return self._conflict(media_type, body, request)
        if status >= 500 or status in (httpx.codes.REQUEST_TIMEOUT, httpx.codes.TOO_MANY_REQUESTS):
            return self._unavailable(f"answers {status}: {_sentence(body)}")
        if status >= 400:
            return PolicyError(
                "witness-refuses", f"witness {self.name} refuses ({status}): {_sentence(body)}"
            )
        return VerificationError("witness-answer", f"witness {self.name} answers with the status {status}")

    def _conflict(self, media_type: str, body: bytes, request: Request) -> CorridorError:
        try:
            size = from_decimal(body.decode("ascii", "replace").removesuffix("\n"), "the size")
        except MalformedError:
            size = -1
        if size < 0 or media_type != SIZE_MEDIA_TYPE:
            return VerificationError(
                "witness-answer", f"witness {self.name} reports a conflict without the size that it is at"
            )
        if size == request.old_size == Checkpoint.parse(Note.parse(request.note).text).size:
            return WitnessConflict(
                "witness-other-root",
                f"witness {self.name} has cosigned another root of size {size}: the log has two histories",
                size,
            )
        if size == request.old_size:
            return VerificationError(
                "witness-answer", f"witness {self.name} reports a conflict with the size that it was told"
            )
        return WitnessConflict(
            "witness-conflict", f"witness {self.name} is at size {size}, not {request.old_size}", size
        )

    def _unavailable(self, what: str) -> UnavailableError:
        return UnavailableError("witness-unavailable", f"witness {self.name} {what}")


def checked_answer(answer: bytes, note: bytes, key: VerifierKey, now: int, max_skew: int) -> bytes:
    """Return the line of an answer that is a witness's cosignature of a checkpoint, made about now.

    Args:
        answer: Signature lines; those by other keys are passed over.
        note: The checkpoint.
        key: The witness's key.
        now: POSIX seconds.
        max_skew: How far off the time of the cosignature may be, in seconds.

    Raises:
        VerificationError: There is no such line, it does not verify, or its time is too far off.
        MalformedError: `note` is not a note.
    """
    text = Note.parse(note).text
    try:
        lines = [line for line in parse_signatures(answer.decode()) if line.is_by(key)]
    except (UnicodeDecodeError, MalformedError):
        lines = []
    if not lines:
        raise VerificationError("witness-answer", f"witness {key.name} answers without its cosignature")
    [cosignature] = verify_cosignatures(Note(text, (lines[0],)), [key])
    if abs(cosignature.timestamp - now) > max_skew:
        raise VerificationError(
            "witness-time",
            f"witness {key.name} dates its cosignature {cosignature.timestamp}, more than {max_skew} s "
            f"from the time here ({now}); set the wrong clock right",
        )
    return lines[0].line().encode()


def _sentence(body: bytes) -> str:
    """Return the reason that a witness gives, as one line that is safe to print."""
    text = body[:_LONGEST_REASON].decode("utf-8", "replace")
    return "".join(char if char.isprintable() else " " for char in text).strip() or "it gives no reason"

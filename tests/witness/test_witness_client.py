"""The log's side: what it takes from a witness, and what it makes of one that refuses, lags or lies."""

import socket
import ssl
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from threading import Thread

import httpx
import pytest

from ledger.domain.checkpoint import Checkpoint, cosign
from ledger.domain.errors import (
    CorridorError,
    MalformedError,
    PolicyError,
    UnavailableError,
    UsageError,
    VerificationError,
)
from ledger.domain.note import Note, VerifierKey, parse_signatures
from ledger.log.witness_client import HttpWitnessClient, WitnessClient, WitnessConflict, checked_answer
from ledger.log.witness_protocol import MAX_ANSWER, SIZE_MEDIA_TYPE
from ledger.log.witness_server import running
from tests.builders import NOON, an_ed25519_key
from tests.domain.note_vectors import LIVE_CHECKPOINT, LIVE_WITNESS_KEYS
from tests.witness.log_simulator import WITNESS, SetClock, SimulatedLog, settings, witness_vkey

Handler = Callable[[httpx.Request], httpx.Response]
SIZE = {"Content-Type": SIZE_MEDIA_TYPE}


@pytest.fixture
def log() -> SimulatedLog:
    log = SimulatedLog()
    log.grow("a", "b")
    return log


def client_of(handler: Handler, vkey: str | None = None, now: int = NOON) -> HttpWitnessClient:
    """Return a client whose witness is a function."""
    transport = httpx.MockTransport(handler)
    return HttpWitnessClient(
        "https://witness.example/prefix/", vkey or witness_vkey(), clock=lambda: now, transport=transport
    )


def answering(status: int, content: bytes = b"", headers: dict[str, str] | None = None) -> HttpWitnessClient:
    return client_of(lambda _request: httpx.Response(status, content=content, headers=headers))


def line_of(checkpoint: Checkpoint, time: int = NOON, name: str = WITNESS, seed: object = "witness") -> bytes:
    """Return a witness's cosignature line."""
    key = VerifierKey.parse(witness_vkey(name, seed))
    return cosign(checkpoint, key, time, an_ed25519_key(seed).sign).line().encode()


def test_our_client_and_our_witness_understand_each_other(tmp_path: Path, log: SimulatedLog) -> None:
    clock = SetClock()
    with running(settings(tmp_path, log, clock=clock)) as url:
        client: WitnessClient = HttpWitnessClient(url, witness_vkey(), clock=clock)
        assert (client.name, client.vkey) == (WITNESS, witness_vkey())
        assert client.add_checkpoint(0, [], log.note()) == line_of(log.checkpoint())
        size = len(log.entries)
        log.grow("c")
        clock.now += 5
        line = client.add_checkpoint(size, log.proof(size), log.note())
        assert line == line_of(log.checkpoint(), NOON + 5)
        with pytest.raises(WitnessConflict) as conflict:
            client.add_checkpoint(0, [], log.note())
        assert (conflict.value.code, conflict.value.size) == ("witness-conflict", len(log.entries))
        with pytest.raises(WitnessConflict) as conflict:
            client.add_checkpoint(len(log.entries), [], log_with_another_root(log))
        assert conflict.value.code == "witness-other-root"
        with pytest.raises(PolicyError, match="does not know the log"):
            client.add_checkpoint(0, [], SimulatedLog("other.example/log").note())
        with pytest.raises(PolicyError, match="did not sign"):
            client.add_checkpoint(0, [], SimulatedLog(log.origin, seed="another key").note())
        size = len(log.entries)
        log.grow("d")
        with pytest.raises(PolicyError, match=r"\(422\)"):
            client.add_checkpoint(size, [], log.note())


def log_with_another_root(log: SimulatedLog) -> bytes:
    """Return a checkpoint of the same size with another root."""
    fork = log.fork(1)
    while len(fork.entries) < len(log.entries):
        fork.say("x")
    return fork.note()


@pytest.mark.parametrize("vkey", LIVE_WITNESS_KEYS)
def test_the_answer_of_a_foreign_witness_is_taken(vkey: str) -> None:
    live = Note.parse(LIVE_CHECKPOINT)
    [theirs] = [line for line in live.signatures if line.is_by(VerifierKey.parse(vkey))]
    time = int.from_bytes(theirs.signature[:8])
    sent = Note(live.text, live.signatures[:2]).encode()
    answer = theirs.line().encode()
    client = client_of(lambda _request: httpx.Response(200, content=answer), vkey, now=time + 3)
    assert client.add_checkpoint(0, [], sent) == answer


def test_the_request_is_a_plain_post_below_the_prefix(log: SimulatedLog) -> None:
    seen: list[httpx.Request] = []

    def handler(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(200, content=line_of(log.checkpoint()))

    client_of(handler).add_checkpoint(0, [], log.note())
    [request] = seen
    assert (request.method, str(request.url)) == ("POST", "https://witness.example/prefix/add-checkpoint")
    assert request.content == log.request(0)


def test_only_the_line_of_the_configured_key_is_taken_from_an_answer(log: SimulatedLog) -> None:
    ours = line_of(log.checkpoint())
    theirs = line_of(log.checkpoint(), name="other.example/w", seed="other")
    same_name = line_of(log.checkpoint(), seed="other")
    assert answering(200, theirs + same_name + ours).add_checkpoint(0, [], log.note()) == ours


def lies(log: SimulatedLog) -> Iterator[tuple[str, bytes]]:
    """Yield what a lying witness may answer with status 200."""
    good = line_of(log.checkpoint())
    [honest] = parse_signatures(good.decode())
    [forged] = parse_signatures(line_of(log.checkpoint(), seed="other").decode())
    later = (NOON + 1).to_bytes(8) + honest.signature[8:]
    yield "nothing", b""
    yield "no line", b"ok\n"
    yield "no newline", good[:-1]
    yield "something after it", good + b"\n"
    yield "a note", log.note()
    yield "not UTF-8", b"\xff\xfe\n"
    yield "another witness's line", line_of(log.checkpoint(), name="other.example/w", seed="other")
    yield "its own name, another key", line_of(log.checkpoint(), seed="other")
    yield "its key id, another key", replace(forged, key_id=honest.key_id).line().encode()
    yield "another checkpoint", line_of(log.checkpoint(2))
    yield "another root", line_of(Checkpoint(log.origin, len(log.entries), bytes(32)))
    yield "another log", line_of(Checkpoint("other.example/log", len(log.entries), log.root()))
    yield "another time than signed", replace(honest, signature=later).line().encode()
    yield "half a signature", replace(honest, signature=honest.signature[:40]).line().encode()
    yield "301 seconds ago", line_of(log.checkpoint(), NOON - 301)
    yield "in 301 seconds", line_of(log.checkpoint(), NOON + 301)
    yield "at the beginning of time", line_of(log.checkpoint(), 0)
    yield "at the end of time", line_of(log.checkpoint(), 2**63 - 1)
    yield "too much", good * (MAX_ANSWER // len(good) + 1)


def test_no_lie_is_taken_for_a_cosignature(log: SimulatedLog) -> None:
    answers = dict(lies(log))
    assert line_of(log.checkpoint()) not in answers.values()
    for name, answer in answers.items():
        with pytest.raises(VerificationError) as error:
            answering(200, answer).add_checkpoint(0, [], log.note())
        assert WITNESS in error.value.message, name


@pytest.mark.parametrize("off", [-300, 0, 300])
def test_a_clock_that_is_a_little_off_is_no_lie(log: SimulatedLog, off: int) -> None:
    line = line_of(log.checkpoint(), NOON + off)
    assert answering(200, line).add_checkpoint(0, [], log.note()) == line


@pytest.mark.parametrize("status", [204, 206, 301, 302, 307, 308])
def test_a_status_that_the_protocol_does_not_have_is_nonsense(log: SimulatedLog, status: int) -> None:
    elsewhere = {"Location": "https://elsewhere.example/"}
    with pytest.raises(VerificationError, match=str(status)):
        answering(status, line_of(log.checkpoint()), elsewhere).add_checkpoint(0, [], log.note())


@pytest.mark.parametrize("status", [400, 401, 403, 404, 405, 413, 422])
def test_a_refusal_carries_the_witnesss_reason_as_one_safe_line(log: SimulatedLog, status: int) -> None:
    with pytest.raises(PolicyError) as error:
        answering(status, b"the map\nroot\x1b[31m is wrong\xff" + b"!" * 9999).add_checkpoint(
            0, [], log.note()
        )
    assert f"witness {WITNESS} refuses ({status}): the map root [31m is wrong" in error.value.message
    assert error.value.message.isprintable()
    assert len(error.value.message) < 500


def test_a_refusal_without_a_reason_says_so(log: SimulatedLog) -> None:
    with pytest.raises(PolicyError, match="gives no reason"):
        answering(403).add_checkpoint(0, [], log.note())


@pytest.mark.parametrize("status", [408, 429, 500, 502, 503, 504])
def test_a_fault_of_the_witness_may_be_tried_again_but_not_by_the_client(
    log: SimulatedLog, status: int
) -> None:
    calls: list[int] = []

    def handler(_request: httpx.Request) -> httpx.Response:
        calls.append(status)
        return httpx.Response(status)

    with pytest.raises(UnavailableError, match=str(status)):
        client_of(handler).add_checkpoint(0, [], log.note())
    assert calls == [status]


@pytest.mark.parametrize("size", [0, 2, 3, 2**63 - 1])
def test_a_conflict_tells_where_the_witness_stands(log: SimulatedLog, size: int) -> None:
    with pytest.raises(WitnessConflict) as conflict:
        answering(409, b"%d\n" % size, SIZE).add_checkpoint(1, [], log.note())
    assert conflict.value.size == size


@pytest.mark.parametrize(
    ("body", "headers"),
    [
        (b"", SIZE),
        (b"\n", SIZE),
        (b"2\n", {}),
        (b"2\n", {"Content-Type": "text/plain"}),
        (b"two\n", SIZE),
        (b"-2\n", SIZE),
        (b"02\n", SIZE),
        (b"2\n\n", SIZE),
        (b"9" * 1000, SIZE),
        (b"\xff", SIZE),
        (b"1\n", SIZE),
    ],
)
def test_a_conflict_that_does_not_help_is_nonsense(
    log: SimulatedLog, body: bytes, headers: dict[str, str]
) -> None:
    with pytest.raises(VerificationError, match="conflict"):
        answering(409, body, headers).add_checkpoint(1, [], log.note())


def test_a_connection_that_cannot_be_made_is_tried_three_times(log: SimulatedLog) -> None:
    calls: list[int] = []

    def handler(_request: httpx.Request) -> httpx.Response:
        calls.append(1)
        if len(calls) < 3:
            raise httpx.ConnectError("refused")
        return httpx.Response(200, content=line_of(log.checkpoint()))

    assert client_of(handler).add_checkpoint(0, [], log.note())
    calls.append(1)

    def never(_request: httpx.Request) -> httpx.Response:
        calls.append(1)
        raise httpx.ConnectError("refused")

    calls.clear()
    with pytest.raises(UnavailableError, match="refused"):
        client_of(never).add_checkpoint(0, [], log.note())
    assert len(calls) == 3


@pytest.mark.parametrize(
    "error", [httpx.ReadTimeout(""), httpx.ReadError("reset"), httpx.RemoteProtocolError("nonsense")]
)
def test_a_request_that_may_have_arrived_is_not_sent_again(log: SimulatedLog, error: httpx.HTTPError) -> None:
    calls: list[int] = []

    def handler(_request: httpx.Request) -> httpx.Response:
        calls.append(1)
        raise error

    with pytest.raises(UnavailableError, match="cannot be reached"):
        client_of(handler).add_checkpoint(0, [], log.note())
    assert len(calls) == 1


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield listener


def http_client(listener: socket.socket, deadline: float) -> HttpWitnessClient:
    url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    return HttpWitnessClient(url, witness_vkey(), clock=lambda: NOON, deadline=deadline)


def test_a_witness_that_says_nothing_is_given_up(listener: socket.socket, log: SimulatedLog) -> None:
    with pytest.raises(UnavailableError, match=r"within 0\.1 s"):
        http_client(listener, 0.1).add_checkpoint(0, [], log.note())


def test_a_witness_that_answers_byte_by_byte_is_given_up(listener: socket.socket, log: SimulatedLog) -> None:
    def drip() -> None:
        connection, _ = listener.accept()
        with connection:
            connection.settimeout(0.01)
            try:
                connection.sendall(b"HTTP/1.1 200 OK\r\n")
                while True:
                    connection.sendall(b"X-Slow: yes\r\n")
                    try:
                        # Waits on the client, and so notices when it goes away.
                        if connection.recv(65536) == b"":
                            return
                    except TimeoutError:
                        continue
            except OSError:
                return

    thread = Thread(target=drip)
    thread.start()
    with pytest.raises(UnavailableError, match=r"within 0\.3 s"):
        http_client(listener, 0.3).add_checkpoint(0, [], log.note())
    thread.join(timeout=10)
    assert not thread.is_alive()


def test_a_witness_that_is_down_is_unavailable(listener: socket.socket, log: SimulatedLog) -> None:
    client = http_client(listener, 5)
    listener.close()
    with pytest.raises(UnavailableError, match="cannot be reached"):
        client.add_checkpoint(0, [], log.note())


def test_a_request_that_no_witness_could_read_is_not_sent(log: SimulatedLog) -> None:
    def handler(_request: httpx.Request) -> httpx.Response:
        raise AssertionError("it was sent")

    with pytest.raises(UsageError):
        client_of(handler).add_checkpoint(1, [b"short"], log.note())


@pytest.mark.parametrize(
    ("url", "vkey"),
    [
        ("witness.example", None),
        ("ftp://witness.example", None),
        ("http://", None),
        ("https://xn--", None),
        ("http://witness.example:port", None),
        ("http://witness.example", SimulatedLog().vkey),
        ("http://witness.example", "witness.example"),
    ],
)
def test_a_witness_that_cannot_be_asked_is_refused_when_it_is_configured(url: str, vkey: str | None) -> None:
    with pytest.raises((UsageError, MalformedError)):
        HttpWitnessClient(url, vkey or witness_vkey(), clock=lambda: NOON)


def test_what_is_no_note_is_not_checked(log: SimulatedLog) -> None:
    key = VerifierKey.parse(witness_vkey())
    with pytest.raises(MalformedError):
        checked_answer(line_of(log.checkpoint()), b"no note", key, NOON, 300)


def test_a_certificate_that_is_not_trusted_makes_a_witness_unavailable(log: SimulatedLog) -> None:
    def handler(_request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("certificate verify failed") from ssl.SSLCertVerificationError()

    with pytest.raises(CorridorError, match="certificate verify failed"):
        client_of(handler).add_checkpoint(0, [], log.note())

"""Entry bundles over HTTP: what an index cosigner asks for and what it takes."""

import gzip
from collections.abc import Callable, Iterator

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.domain.errors import UnavailableError, UsageError, VerificationError
from ledger.log.entry_source import HttpEntrySource, parse_bundle
from ledger.log.tiles import encode_bundle
from tests.witness.log_simulator import SimulatedLog
from tests.witness.tile_server import serving

Handler = Callable[[httpx.Request], httpx.Response]


def source_of(handler: Handler) -> HttpEntrySource:
    return HttpEntrySource("https://log.example/log/", transport=httpx.MockTransport(handler))


@pytest.fixture
def log() -> SimulatedLog:
    log = SimulatedLog()
    for number in range(300):
        log.say(number)
    return log


@pytest.fixture
def served(log: SimulatedLog) -> Iterator[HttpEntrySource]:
    with serving(log) as url, HttpEntrySource(url) as source:
        yield source


def test_full_and_partial_bundles_are_fetched(log: SimulatedLog, served: HttpEntrySource) -> None:
    assert served.bundle(0, 256) == log.entries[:256]
    assert served.bundle(0, 7) == log.entries[:7]
    assert served.bundle(1, 45) == log.entries[256:]
    with pytest.raises(UnavailableError, match=r"entries/001"):
        served.bundle(1, 46)


@pytest.mark.parametrize(
    ("number", "width", "paths"),
    [
        (0, 256, ["000"]),
        (67, 1, ["067.p/1", "067"]),
        (1_234_067, 255, ["x001/x234/067.p/255", "x001/x234/067"]),
    ],
)
def test_the_paths_are_those_of_the_specification(number: int, width: int, paths: list[str]) -> None:
    asked: list[str] = []

    def handler(request: httpx.Request) -> httpx.Response:
        asked.append(str(request.url))
        return httpx.Response(404)

    with pytest.raises(UnavailableError):
        source_of(handler).bundle(number, width)
    assert asked == [f"https://log.example/log/tile/entries/{path}" for path in paths]


def test_a_partial_bundle_that_is_gone_is_cut_out_of_the_full_one(log: SimulatedLog) -> None:
    def handler(request: httpx.Request) -> httpx.Response:
        if ".p/" in request.url.path:
            return httpx.Response(404)
        return httpx.Response(200, content=encode_bundle(log.entries[:256]))

    assert source_of(handler).bundle(0, 7) == log.entries[:7]


def test_a_compressed_bundle_is_taken(log: SimulatedLog) -> None:
    packed = gzip.compress(encode_bundle(log.entries[:256]))
    headers = {"Content-Encoding": "gzip"}
    source = source_of(lambda _: httpx.Response(200, content=packed, headers=headers))
    assert source.bundle(0, 256) == log.entries[:256]


@pytest.mark.parametrize("status", [204, 301, 302, 403, 500, 503])
def test_a_log_that_does_not_serve_is_tried_again_later(status: int) -> None:
    elsewhere = {"Location": "https://elsewhere.example/"}
    with pytest.raises(UnavailableError, match=str(status)):
        source_of(lambda _: httpx.Response(status, headers=elsewhere)).bundle(0, 256)


@pytest.mark.parametrize("error", [httpx.ConnectError("refused"), httpx.ReadTimeout(""), httpx.ReadError("")])
def test_a_log_that_cannot_be_reached_is_tried_again_later(error: httpx.HTTPError) -> None:
    def handler(_request: httpx.Request) -> httpx.Response:
        raise error

    with pytest.raises(UnavailableError, match="cannot be reached"):
        source_of(handler).bundle(0, 256)


MALFORMED = {
    "too few": encode_bundle([b"entry"] * 6),
    "too many": encode_bundle([b"entry"] * 8),
    "nothing": b"",
    "half a length": encode_bundle([b"entry"] * 6) + b"\x00",
    "half an entry": encode_bundle([b"entry"] * 7)[:-1],
    "a length that leads out": encode_bundle([b"entry"] * 6) + b"\xff\xff",
}


@pytest.mark.parametrize("name", MALFORMED)
def test_what_is_no_bundle_of_that_width_is_refused(name: str) -> None:
    with pytest.raises(VerificationError) as error:
        source_of(lambda _: httpx.Response(200, content=MALFORMED[name])).bundle(0, 7)
    assert error.value.code == "malformed-bundle"


@pytest.mark.parametrize("packed", [False, True])
def test_a_bundle_that_has_no_end_is_not_read_to_it(packed: bool) -> None:
    read = 0

    def endless() -> Iterator[bytes]:
        nonlocal read
        while read < 100_000_000:
            read += 65_536
            yield bytes(65_536)

    bomb = gzip.compress(bytes(100_000_000))
    headers = {"Content-Encoding": "gzip"} if packed else {}
    source = source_of(lambda _: httpx.Response(200, content=bomb if packed else endless(), headers=headers))
    with pytest.raises(VerificationError) as error:
        source.bundle(0, 256)
    assert error.value.code == "too-large"
    assert read < 1_000_000


@pytest.mark.parametrize("url", ["", "log.example", "ftp://log.example", "file:///log"])
def test_a_log_without_an_http_url_is_refused(url: str) -> None:
    with pytest.raises(UsageError):
        HttpEntrySource(url)


@given(st.lists(st.binary(max_size=600), max_size=300), st.data())
def test_a_bundle_is_read_back(entries: list[bytes], data: st.DataObject) -> None:
    entries = entries[:256]
    encoded = encode_bundle(entries)
    assert parse_bundle(encoded, 0, len(entries)) == entries
    if encoded:
        cut = data.draw(st.integers(0, len(encoded) - 1))
        with pytest.raises(VerificationError):
            parse_bundle(encoded[:cut], 0, len(entries))

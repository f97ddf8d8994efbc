"""The public log against a dictionary: whoever guesses every name, number and file finds none of them.

The demo's story is played on a real ledger, and everything that needs no session is fetched: checkpoint,
tiles, entries, genesis document, keys, descriptions. That the attack can succeed is shown by planted leaks.
"""

import io
import tomllib
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from importlib.resources import files
from itertools import product
from typing import Any

import httpx
import pytest
from rich.console import Console

from ledger.client.outbox import Outbox
from ledger.demo.cast import StoryClock
from ledger.demo.data import dossier_files, other_files
from ledger.demo.evidence_bag import EvidenceBag
from ledger.demo.facts import Facts
from ledger.demo.people import Registers
from ledger.demo.speaker import Speaker
from ledger.demo.stage import stage_in
from ledger.demo.story import read_story
from ledger.demo.teller import Teller
from ledger.domain.entry import map_root_entry, statement_entry
from ledger.domain.subject import Subject, stream_tag
from ledger.log.tile_path import tile_path
from ledger.log.tiles import encode_bundle
from ledger.readers.run import Readers
from tests.security.dictionary import Hit, Public, hashed

SCALE = 0.05
DESCRIPTIONS = ("/openapi.json", "/healthz", "/readyz")
"""Public, and the same for every log: their examples name what is in the tests, not in this log."""
_MEMBERS = (b'"origin":', b'"profile":')
_WITNESSES = (b"\n\xe2\x80\x94 witness.customs.gt.example ", b"\n\xe2\x80\x94 witness.customs.us.example ")
BY_DESIGN = {"/log/genesis": _MEMBERS, "/v1/genesis": _MEMBERS, "/log/checkpoint": _WITNESSES}
"""Words of the story that stand in public for another reason: members of the genesis document, and the names
of witnesses under the checkpoint."""
ROUTES = ("/log/checkpoint", "/log/genesis", "/v1/genesis", "/.well-known/scitt-keys", *DESCRIPTIONS)


@dataclass(frozen=True)
class Played:
    """What is public of a log, and what is in it."""

    public: Public
    words: frozenset[str]
    contents: dict[str, bytes]
    keys: frozenset[str]
    organisations: frozenset[str]


def fetched(url: str) -> dict[str, bytes]:
    """Return everything that a service gives to nobody in particular."""
    with httpx.Client(base_url=url, timeout=30) as http:
        parts = {path: _got(http, path) for path in ROUTES}
        size = int(parts["/log/checkpoint"].split(b"\n")[1])
        level, left = 0, size
        while left:
            for index in range(-(-left // 256)):
                width = min(256, left - index * 256)
                for kind in (level, None) if level == 0 else (level,):
                    path = f"/log/tile/{tile_path(kind, index, width)}"
                    parts[path] = _got(http, path)
            level, left = level + 1, left // 256
        # Whatever else the description says needs no session.
        document = http.get("/openapi.json").json()
        for path, operations in document["paths"].items():
            asked = operations.get("get", {}).get("security", None) == [] and "{" not in path
            if asked and path not in parts:
                parts[path] = _got(http, path)
    return parts


def _got(http: httpx.Client, path: str) -> bytes:
    answer = http.get(path)
    assert answer.status_code in (200, 503), (path, answer.text)
    return answer.content


def leaves(value: Any) -> Iterator[str]:
    """Yield the texts and numbers of a document."""
    if isinstance(value, dict):
        for one in value.values():
            yield from leaves(one)
    elif isinstance(value, list | tuple):
        for one in value:
            yield from leaves(one)
    elif value is not None and not isinstance(value, bool):
        yield str(value)


def told() -> set[str]:
    """Return all that the demo says: every figure and text of its tables, and their words."""
    found: set[str] = set()
    for name in ("facts.toml", "story.toml"):
        document = tomllib.loads((files("ledger.demo") / name).read_text("utf-8"))
        for text in leaves(document):
            found |= {text, *text.split()}
    return found


def made_up() -> set[str]:
    """Return a register as an insider may have one: names, boxes, seals, prices."""
    first, last = (
        ("Ana", "Luis", "Marta", "Jorge", "Rosa"),
        ("Lopez", "Garcia", "Morales", "Perez", "Castillo"),
    )
    names = {f"{a} {b}" for a, b in product(first, last)} | {f"{b}, {a}" for a, b in product(first, last)}
    boxes = {f"MSKU{number:07}" for number in range(1_230_000, 1_232_000)}
    seals = {f"GT{number:07}" for number in range(4_471_000, 4_472_000)}
    prices = {f"{dollars}.{cents:02}" for dollars in range(5, 25) for cents in range(0, 100, 5)}
    return names | boxes | seals | prices | {f"guard {number}" for number in range(100)}


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Played:
    """The demo's story, told to the end."""
    folder = tmp_path_factory.mktemp("dictionary")
    facts = Facts.default()
    story = read_story(facts)
    clock = StoryClock(int(story.begins.timestamp()) - 3600)
    contents = {**dossier_files(facts, scale=SCALE), **other_files(facts, scale=SCALE)}
    with stage_in(folder, clock, Console(file=io.StringIO())) as stage:
        outboxes = {name: Outbox(folder / "outboxes" / name) for name in stage.parties}
        (sealed := folder / "sealed").mkdir()
        with Readers() as readers:
            speaker = Speaker(stage, EvidenceBag(contents, sealed), outboxes)
            teller = Teller(speaker, story, Registers(), readers)
            for act in (*story.acts, *story.afterwards, *story.much_later):
                teller.play(act)
                stage.publish_and_anchor(told=False)
        url = stage.services[next(iter(stage.services))].http.url
        parts = fetched(url)
        opened = {trip.uri for trip in speaker.opened.values()}
    plain = {name: contents[name].data for name in contents}
    return Played(
        Public(parts, frozenset(DESCRIPTIONS), BY_DESIGN),
        frozenset(told() | made_up() | opened),
        plain,
        frozenset(Subject.parse(uri).key for uri in opened),
        frozenset(party.organisation.uri for party in stage.parties.values()),
    )


def test_nothing_that_was_said_is_found_in_public(played: Played) -> None:
    assert len(played.words) > 3_000
    assert len(played.public.parts) > len(ROUTES)
    hits = played.public.attack(played.words, played.contents)
    assert hits == []


def test_no_subject_is_found_by_its_number_and_its_opener(played: Played) -> None:
    """A subject's name holds a tag, and tags are public: but the names themselves are nowhere."""
    assert len(played.public.tags) > 10
    for key, iss, kind in product(played.keys, played.organisations, ("trip", "consignment", "booking")):
        for tag in played.public.tags:
            identifier = Subject.create(kind, key, iss, tag).uri.rpartition(":")[2]
            assert not played.public.holds(bytes.fromhex(identifier))


SECRET = "MSKU1234565"


def planted(leak: bytes) -> list[Hit]:
    return Public({"/log/tile/entries/000": b"\x00" * 40 + leak + b"\xff" * 40}).attack([SECRET])


def test_whatever_is_hashed_without_a_secret_is_found() -> None:
    for way, digest in hashed(SECRET.encode()):
        for form in (digest, digest.hex().encode(), urlsafe_b64encode(digest).rstrip(b"=")):
            assert Hit(SECRET, way) in planted(form), way


WRITINGS = {
    "as it is": SECRET.encode(),
    "within a text": f"container {SECRET} left".encode(),
    "hex": SECRET.encode().hex().encode(),
    "base64 of a text that holds it": b64encode(f"x {SECRET} y".encode()),
    "base64url of another": urlsafe_b64encode(f"xy {SECRET} y".encode()),
}


def test_a_word_that_stands_somewhere_by_design_is_found_elsewhere() -> None:
    parts = {"genesis": b'{"origin":"log"}', "entries": b"its origin"}
    by_design = {"genesis": [b'"origin":']}
    assert Public(parts, by_design=by_design).attack(["origin"]) == [Hit("origin", "as it is")]
    assert Public({"genesis": parts["genesis"]}, by_design=by_design).attack(["origin"]) == []
    assert Public({"genesis": parts["genesis"] + b"origin"}, by_design=by_design).attack(["origin"])


def test_all_tags_are_read_out_of_entries() -> None:
    tags = [sha256(bytes([number])).digest() for number in range(3)]
    entries = [
        statement_entry(bytes(32), tags[:2]),
        map_root_entry(bytes(32)),
        statement_entry(bytes(32), tags[1:]),
    ]
    public = Public({"/log/tile/entries/000.p/3": encode_bundle(entries), "/log/tile/0/000.p/3": bytes(96)})
    assert public.tags == sorted(tags)


@pytest.mark.parametrize("leak", WRITINGS.values(), ids=WRITINGS)
def test_a_word_in_public_is_found(leak: bytes) -> None:
    assert planted(leak)


def test_a_stream_whose_secret_is_no_secret_is_found() -> None:
    """What a careless client would do: derive the secret from the container's number."""
    tag = stream_tag(sha256(SECRET.encode()).digest()[:16])
    entry = statement_entry(sha256(b"any envelope").digest(), [tag])
    assert planted(entry) == [Hit(SECRET, "stream of its hash as it is"), *planted(entry)[1:]]


def test_a_file_that_is_named_by_its_hash_is_found() -> None:
    content = {"invoice.pdf": b"%PDF-1.7 what it cost"}
    for leak in (
        sha256(content["invoice.pdf"]).digest(),
        sha256(content["invoice.pdf"]).hexdigest().encode(),
    ):
        assert Public({"entries": leak}).attack([], content)


def test_another_word_is_not_found() -> None:
    assert planted(sha256(b"MSKU1234566").digest()) == []

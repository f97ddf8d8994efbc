"""`corridor log`: what is shown was checked, by database and by tiles, and a log that lies is found out."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from fastapi import FastAPI, Request, Response
from sqlalchemy import update

from ledger.domain.checkpoint import Checkpoint, cosign, sign_checkpoint
from ledger.domain.errors import NotFoundError
from ledger.domain.frontier import Frontier
from ledger.domain.merkle import leaf_hash, verify_consistency, verify_inclusion
from ledger.domain.note import Note
from ledger.log.store import LogStore
from ledger.log.tiles import encode_bundle, tile_router
from ledger.storage.engine import write_transaction
from ledger.storage.tables import checkpoints, entries
from ledger.verification.trust import Trust
from tests.builders import NOON, ORIGIN, a_genesis, an_ed25519_key
from tests.cli.corridor import Ran, corridor, refused
from tests.cli.servers import an_app
from tests.domain import map_reference
from tests.log.logs import a_log, appended, history, log_signer
from tests.verification.factory import WITNESSES, a_small_world, witness_key

SIZES = (6, 309, 608)
"""Of the checkpoints; entries and tiles of several bundles."""


def publish(store: LogStore) -> None:
    size = store.checkpoints.fix()[0].size
    signer = log_signer()
    store.checkpoints.sign(size, signer.key, signer.sign)
    note = Note.parse(store.checkpoints.note(size))
    checkpoint = Checkpoint.parse(note.text)
    line = cosign(checkpoint, witness_key(WITNESSES[0]), NOON, an_ed25519_key(WITNESSES[0]).sign)
    store.checkpoints.add_cosignature(size, witness_key(WITNESSES[0]), NOON, line)
    store.checkpoints.publish(size)


def fill(store: LogStore) -> None:
    everything = history(4, 150)
    for start, stop in ((0, 4), (4, 306), (306, 604)):
        appended(store, everything[start:stop])
        publish(store)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("data")
    with a_log(path) as store:
        fill(store)
        # Committed, and in no checkpoint yet.
        appended(store, history(1, 3, seed="later"))
        assert store.size() == SIZES[-1] + 4
    return path


@contextmanager
def served(store: LogStore) -> Iterator[str]:
    app = FastAPI()
    app.include_router(tile_router(store))

    @app.exception_handler(NotFoundError)
    async def _not_found(_request: Request, _error: Exception) -> Response:
        return Response(status_code=404)

    with an_app(app) as url:
        yield url + "/log"


@pytest.fixture(scope="module")
def url(folder: Path) -> Iterator[str]:
    with a_log(folder) as store, served(store) as url:
        yield url


@pytest.fixture(params=["data", "url"])
def where(request: pytest.FixtureRequest, folder: Path, url: str, trust: Path) -> list[object]:
    """How to say which log: its folder, or its URL with a trust file."""
    return ["--data", folder] if request.param == "data" else ["--url", url, "--trust", trust]


@pytest.fixture(scope="module")
def trust(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return saved_trust(tmp_path_factory.mktemp("trust") / "trust.json")


def saved_trust(path: Path, **changes: object) -> Path:
    world, _ = a_small_world()
    genesis = a_genesis()
    keys = [{"vkey": genesis.log_key, "from_size": 0, "to_size": None}]
    ours = {"origin": ORIGIN, "genesis": genesis.hash.hex(), "log_keys": keys}
    path.write_bytes(
        Trust.model_validate({**world.trust().model_dump(mode="json"), **ours, **changes}).encode()
    )
    return path


def log(command: str, *arguments: object) -> Ran:
    return corridor("log", command, *arguments)


def test_show_says_which_log_it_is_and_how_far_it_has_come(where: list[object]) -> None:
    ran = log("show", *where, "--json")
    assert (ran.code, ran.err) == (0, "")
    assert (ran.json["origin"], ran.json["genesis"]) == (ORIGIN, a_genesis().hash.hex())
    assert ran.json["checkpoint_size"] == SIZES[-1]
    # Behind a URL, what is not published is not believed to be there.
    assert ran.json["entries"] == SIZES[-1] + (4 if where[0] == "--data" else 0)


def test_cosignatures_are_said_to_be_checked_only_when_they_were(folder: Path, trust: Path) -> None:
    checked = log("show", "--data", folder, "--trust", trust, "--json").json
    assert checked["cosignatures"] == [f"{WITNESSES[0]} at {NOON}"]
    unchecked = log("show", "--data", folder, "--json").json
    assert (unchecked["cosignatures_unchecked"], "cosignatures" in unchecked) == ([WITNESSES[0]], False)


def test_the_checkpoint_is_printed_as_the_log_signed_it(where: list[object], folder: Path) -> None:
    with a_log(folder) as store:
        assert log("checkpoint", *where).out == store.checkpoints.note(SIZES[-1])
    assert log("checkpoint", *where, "--json").json["checkpoint_size"] == SIZES[-1]


@pytest.mark.parametrize("index", [0, 1, 5, 255, 256, 300, 607])
def test_an_entry_is_the_one_that_is_in_the_log(where: list[object], folder: Path, index: int) -> None:
    ran = log("entry", index, *where, "--json")
    assert (ran.code, ran.err) == (0, "")
    with a_log(folder) as store:
        assert bytes.fromhex(ran.json["entry"]) == store.entry(index)
    kinds = {0: "genesis", 5: "map-root", 607: "map-root"}
    assert ran.json["kind"] == kinds.get(index, "statement")


@pytest.mark.parametrize(("index", "size"), [(0, 1), (3, 6), (3, 309), (255, 256), (256, 257), (500, 608)])
def test_an_inclusion_proof_holds_at_any_published_size(where: list[object], index: int, size: int) -> None:
    shown = log("inclusion", index, "--size", size, *where, "--json").json
    proof = [bytes.fromhex(one) for one in shown["proof"]]
    leaf, root = bytes.fromhex(shown["leaf_hash"]), bytes.fromhex(shown["root"])
    verify_inclusion(leaf, index, size, proof, root)


def test_without_a_size_the_proof_is_for_the_newest_checkpoint(where: list[object]) -> None:
    assert log("inclusion", 3, *where, "--json").json["size"] == SIZES[-1]


@pytest.mark.parametrize(("first", "second"), [(1, 1), (6, 309), (6, 608), (256, 512), (511, 600)])
def test_a_consistency_proof_holds_between_any_two_published_sizes(
    where: list[object], first: int, second: int
) -> None:
    shown = log("consistency", first, second, *where, "--json").json
    proof = [bytes.fromhex(one) for one in shown["proof"]]
    verify_consistency(first, second, proof, bytes.fromhex(shown["root1"]), bytes.fromhex(shown["root2"]))


@pytest.mark.parametrize(
    ("command", "arguments", "code", "reason"),
    [
        ("entry", [608], 1, "entry-unknown"),
        ("entry", [10**12], 1, "entry-unknown"),
        ("entry", ["-1"], 2, "usage"),
        ("entry", ["x"], 2, "usage"),
        ("inclusion", [6, "--size", 6], 1, "entry-unknown"),
        ("inclusion", [3, "--size", 609], 1, "size"),
        ("inclusion", [3, "--size", 0], 1, "size"),
        ("consistency", [309, 6], 2, "consistency-sizes"),
        ("consistency", [0, 6], 2, "usage"),
        ("consistency", [6, 700], 1, "size"),
        ("check", ["--size", 300], 1, "misplaced-map-root"),
        ("check", ["--size", 609], 1, "size"),
        ("check", ["--size", 1], 1, "size"),
    ],
)
def test_what_is_not_in_the_log_is_not_shown(
    where: list[object], command: str, arguments: list[object], code: int, reason: str
) -> None:
    refused(log(command, *where, *arguments), code, reason)


@pytest.mark.parametrize("size", SIZES)
def test_a_replay_finds_every_root_and_prints_the_map_root_of_the_references(
    where: list[object], folder: Path, size: int
) -> None:
    ran = log("check", *where, "--size", size, "--json")
    assert (ran.code, ran.err) == (0, "")
    with a_log(folder) as store:
        stored = store.checkpoints.at(size)
        assert (ran.json["root"], ran.json["map_root"]) == (stored.root.hex(), stored.map_root.hex())
    assert ran.json["size"] == size
    assert ran.json["map_roots"] == SIZES.index(size) + 1
    assert ran.json["statements"] == size - 2 - SIZES.index(size)
    assert ran.json["streams"] == 4
    assert map_reference.EMPTY.hex() != ran.json["map_root"]


def test_by_the_database_every_checkpoint_is_compared(folder: Path, url: str, trust: Path) -> None:
    assert log("check", "--data", folder, "--json").json["checkpoints"] == len(SIZES)
    assert log("check", "--url", url, "--trust", trust, "--json").json["checkpoints"] == 1


def test_without_a_trust_file_it_is_said_whose_word_the_key_is(url: str) -> None:
    ran = log("show", "--url", url, "--json")
    assert (ran.code, "give --trust" in ran.err) == (0, True)


@pytest.mark.parametrize("command", ["show", "checkpoint", "check"])
@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"genesis": "00" * 32}, "other-log"),
        ({"log_keys": "another key"}, "note-unsigned"),
        ({"log_keys": "until 100"}, "note-unsigned"),
    ],
)
def test_another_log_than_the_trusted_one_is_refused(
    tmp_path: Path, url: str, command: str, changes: dict[str, object], reason: str
) -> None:
    from tests.builders import a_log_verifier_key

    vkey = a_log_verifier_key(ORIGIN, "forger" if changes.get("log_keys") == "another key" else "log")
    to_size = 100 if changes.get("log_keys") == "until 100" else None
    keys = [{"vkey": vkey, "from_size": 0, "to_size": to_size}]
    path = saved_trust(tmp_path / "trust.json", **({"log_keys": keys} if "log_keys" in changes else changes))
    refused(log(command, "--url", url, "--trust", path), 1, reason)


@pytest.mark.parametrize(
    ("arguments", "code", "reason"),
    [
        ([], 2, "which-log"),
        (["--data", ".", "--url", "http://127.0.0.1:1/log"], 2, "which-log"),
        (["--data", "absent"], 1, "no-data"),
        (["--url", "ftp://log.example"], 2, "log-url"),
        (["--url", "http://127.0.0.1:1/log"], 4, "log-unreachable"),
        (["--url", "http://["], 4, "log-unreachable"),
        (["--url", "https://xn--/log"], 2, "log-url"),
    ],
)
def test_a_log_that_is_not_there_is_said_in_one_line(arguments: list[object], code: int, reason: str) -> None:
    refused(log("show", *arguments), code, reason)


def test_a_folder_without_a_log_is_said_in_one_line(tmp_path: Path) -> None:
    refused(log("show", "--data", tmp_path), 1, "log-missing")
    (tmp_path / "ledger.db").write_bytes(b"")
    refused(log("show", "--data", tmp_path), 1, "log-missing")
    (tmp_path / "ledger.db").write_bytes(b"no database" * 100)
    refused(log("show", "--data", tmp_path), 4, "database-damaged")
    (tmp_path / "corridor.toml").write_text("port = many")
    refused(log("show", "--data", tmp_path), 2, "settings-unreadable")


def test_a_log_that_has_published_nothing_can_be_shown_and_not_checked(tmp_path: Path) -> None:
    with a_log(tmp_path) as store:
        appended(store, history(1, 1))
    assert log("show", "--data", tmp_path, "--json").json["checkpoint_size"] is None
    refused(log("check", "--data", tmp_path), 1, "not-published")
    refused(log("entry", 0, "--data", tmp_path), 1, "not-published")


# Logs that lie


def replaced(store: LogStore, index: int, entry: bytes) -> None:
    with write_transaction(store.engine) as connection:
        connection.execute(update(entries).where(entries.c.idx == index).values(entry=entry))


def other_root(store: LogStore) -> None:
    """Give a checkpoint of the past another root, signed by the operator's own key."""
    signer = log_signer()
    note = sign_checkpoint(Checkpoint(ORIGIN, 6, bytes(32)), signer.key, signer.sign)
    with write_transaction(store.engine) as connection:
        connection.execute(
            update(checkpoints).where(checkpoints.c.size == 6).values(root=bytes(32), note=note)
        )


LIES: dict[str, tuple[Callable[[LogStore], None], str]] = {
    "an entry changed after it was signed": (
        lambda store: replaced(store, 3, store.entry(2)),
        "root-mismatch",
    ),
    "an entry that is none": (lambda store: replaced(store, 3, b"\x03"), "root-mismatch"),
    "another root for an old size": (other_root, "root-mismatch"),
}


@pytest.mark.parametrize("name", LIES)
def test_a_database_that_was_changed_is_found_out(tmp_path: Path, name: str) -> None:
    change, reason = LIES[name]
    with a_log(tmp_path) as store:
        appended(store, history(1, 3))
        publish(store)
        appended(store, history(1, 3, seed="more"))
        publish(store)
        assert log("check", "--data", tmp_path).code == 0
        change(store)
    refused(log("check", "--data", tmp_path), 1, reason)


def forged(tiles: Callable[[str, bytes], bytes], url: str) -> FastAPI:
    """Return a log that passes another one on, changed."""
    import httpx

    app = FastAPI()

    @app.get("/log/{path:path}")
    def get(path: str) -> Response:
        answer = httpx.get(f"{url}/{path}")
        return Response(tiles(path, answer.content), answer.status_code)

    return app


def flipped(data: bytes) -> bytes:
    return data[:-1] + bytes([data[-1] ^ 1])


@pytest.mark.parametrize(
    ("change", "command", "reason"),
    [
        (("tile/0/", flipped), ["inclusion", "300"], "consistency-root-mismatch"),
        (("tile/0/", flipped), ["consistency", "6", "309"], "consistency-root-mismatch"),
        (("tile/0/", lambda data: data[:-1]), ["inclusion", "300"], "malformed-tile"),
        (("tile/0/", lambda data: data * 300), ["inclusion", "300"], "too-large"),
        (("tile/entries/", flipped), ["entry", "607"], "inclusion-root-mismatch"),
        (("tile/entries/", flipped), ["check"], "root-mismatch"),
        (("tile/entries/", lambda data: data[:-1]), ["entry", "607"], "malformed-bundle"),
        (("checkpoint", lambda data: data.replace(b"608", b"609")), ["show"], "note-signature"),
        (("checkpoint", lambda _: b"nonsense"), ["show"], "note"),
        (("checkpoint", lambda _: b"x" * 200_000), ["show"], "too-large"),
        (("genesis", flipped), ["show"], "json-syntax"),
        (("genesis", lambda data: data.replace(b"31337", b"31338")), ["show"], "other-log"),
    ],
)
def test_tiles_that_were_changed_on_their_way_are_found_out(
    url: str, trust: Path, change: tuple[str, Callable[[bytes], bytes]], command: list[str], reason: str
) -> None:
    where, how = change

    def passed_on(path: str, content: bytes) -> bytes:
        return how(content) if path.startswith(where) else content

    with an_app(forged(passed_on, url)) as forger:
        refused(log(*command, "--url", forger + "/log", "--trust", trust), 1, reason)


def test_a_map_that_leaves_an_entry_out_is_found_out_by_a_replay(trust: Path) -> None:
    honest = [submission.statement for submission in history(1, 2)]
    from ledger.domain import map as stream_map
    from ledger.domain.entry import genesis_entry, map_root_entry, statement_entry

    said = [statement_entry(one.envelope, one.streams) for one in honest]
    run = [
        (index, entry, one.streams) for index, (entry, one) in enumerate(zip(said, honest, strict=True), 1)
    ]
    nodes: dict[bytes, bytes] = {}
    root, _ = stream_map.update(
        nodes.__getitem__, stream_map.EMPTY, stream_map.replay(run[:-1], lambda _: None)
    )
    leaves = [genesis_entry(a_genesis().hash), *said, map_root_entry(root)]
    signer = log_signer()
    tree = Frontier().append([leaf_hash(entry) for entry in leaves])[0]
    note = sign_checkpoint(Checkpoint(ORIGIN, tree.size, tree.root()), signer.key, signer.sign)
    content = {
        "checkpoint": note,
        "genesis": a_genesis().document,
        f"tile/entries/000.p/{len(leaves)}": encode_bundle(leaves),
        f"tile/0/000.p/{len(leaves)}": b"".join(map(leaf_hash, leaves)),
    }
    app = FastAPI()

    @app.get("/log/{path:path}")
    def get(path: str) -> Response:
        return Response(content[path]) if path in content else Response(status_code=404)

    with an_app(app) as liar:
        assert log("entry", 2, "--url", f"{liar}/log", "--trust", trust).code == 0
        refused(log("check", "--url", f"{liar}/log", "--trust", trust), 1, "map-root-mismatch")

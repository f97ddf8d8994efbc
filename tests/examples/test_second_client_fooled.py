"""What is shown to the second client and is not what it says: each is found, and told by its own message."""

import base64
import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import cbor2
import pytest
import second_proof
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from second_signing import SUB, Wrong
from second_statement import read_statement

from tests.builders import an_ed25519_key
from tests.examples.by_hand import Signer as KeyHolder
from tests.examples.by_hand import b64url, consistency, h, tree
from tests.examples.outsider import Outsider
from tests.integration.stage import ORIGIN


@dataclass(frozen=True)
class Held:
    """A statement file and what was fetched to check it."""

    statement: Path
    proof: Path
    genesis: second_proof.Genesis

    def copy(self, folder: Path) -> "Held":
        """Return the same in files of their own."""
        shutil.copytree(self.proof, folder)
        statement = Path(shutil.copy(self.statement, folder))
        return Held(statement, folder, self.genesis)

    def flip(self, name: str, at: int) -> None:
        """Change one bit of a file in the folder."""
        data = bytearray((self.proof / name).read_bytes())
        data[at] ^= 1
        (self.proof / name).write_bytes(data)


@pytest.fixture(scope="module")
def held(outsider: Outsider) -> Held:
    """A statement with a receipt that holds, under a checkpoint that is later than the receipt's."""
    outsider.said()
    file = outsider.said("--conceal", "weight_kg")
    outsider.stage.publish()
    outsider.said()
    outsider.stage.publish()
    genesis = second_proof.read_genesis(outsider.path("genesis.json").read_bytes())
    found = Held(file, outsider.fetched(file), genesis)
    assert outsider.check(found.statement, found.proof).code == 0
    return found


def receipt_by(holder: KeyHolder, kid: bytes) -> Callable[[Held], None]:
    """Return who replaces the receipt's signature, and the name of the key in it."""

    def replace(held: Held) -> None:
        header, proofs, payload, _ = cbor2.loads((held.proof / "receipt.cose").read_bytes()).value
        header = cbor2.dumps(cbor2.loads(header) | {4: kid})
        statement = read_statement(held.statement.read_bytes())
        read = second_proof.read_receipt(
            (held.proof / "receipt.cose").read_bytes(), held.genesis, statement.claims[SUB]
        )
        root = second_proof.root_of_inclusion(statement.entry, read.index, read.size, read.path)
        signature = holder.sign(cbor2.dumps(["Signature1", header, b"", root]))
        forged = cbor2.CBORTag(18, [header, proofs, payload, signature])
        (held.proof / "receipt.cose").write_bytes(cbor2.dumps(forged))

    return replace


def checkpoint_by(
    key: Ed25519PrivateKey, origin: str = ORIGIN, key_id: bytes | None = None
) -> Callable[[Held], None]:
    """Return who shows another tree of the same size, signed by a key."""

    def replace(held: Held) -> None:
        size = (held.proof / "checkpoint").read_text().splitlines()[1]
        text = f"{origin}\n{size}\n{base64.b64encode(h(b'another tree')).decode()}\n"
        named = (held.genesis.log_id if key_id is None else key_id) + key.sign(text.encode())
        note = f"{text}\n— {origin} {base64.b64encode(named).decode()}\n"
        (held.proof / "checkpoint").write_text(note)

    return replace


def edited_statement(change: Callable[[dict[str, object]], object]) -> Callable[[Held], None]:
    """Return who edits the statement file."""

    def replace(held: Held) -> None:
        members = json.loads(held.statement.read_text())
        change(members)
        held.statement.write_text(json.dumps(members))

    return replace


def flip_signed(at: int) -> Callable[[dict[str, object]], object]:
    """Return who changes a bit of the signed bytes."""

    def flip(members: dict[str, object]) -> None:
        text = str(members["statement"])
        raw = bytearray(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
        raw[at] ^= 1
        members["statement"] = b64url(bytes(raw))

    return flip


def edit_disclosed(members: dict[str, object]) -> None:
    (text,) = cast("list[str]", members["disclosures"])
    said = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    members["disclosures"] = [b64url(said.replace(b"18400", b"18401"))]


def another_key(held: Held) -> None:
    (held.proof / "signer.cose").write_bytes(STRANGER.cose)


STRANGER = KeyHolder("https://stranger.example", 77)
LOG_KEY = an_ed25519_key((ORIGIN, "log"))
OTHER_LOG = an_ed25519_key("another log")

FORGERIES: dict[str, tuple[str, Callable[[Held], object]]] = {
    "a byte of the statement": (
        "(1) statement: signed by the key that it names, for this log: its signature does not hold",
        edited_statement(flip_signed(-1)),
    ),
    "a byte of a disclosure": ("matches no digest that was signed", edited_statement(edit_disclosed)),
    "another signer's key": (
        "(1) statement: signed by the key that it names, for this log: it names",
        another_key,
    ),
    "a byte of the receipt's signature": (
        "(5) signature: the receipt key signed that root: the receipt key of the genesis document did not",
        lambda held: held.flip("receipt.cose", -1),
    ),
    "a byte of the receipt's path": (
        "(4) inclusion: the path leads from the statement to a root that the checkpoint covers: the root",
        lambda held: held.flip("receipt.cose", -80),
    ),
    "a receipt by another key": ("the receipt is by another key", receipt_by(STRANGER, STRANGER.kid)),
    "a receipt by another key under the right name": (
        "(5) signature: the receipt key signed that root: the receipt key of the genesis document did not",
        lambda held: receipt_by(STRANGER, h(held.genesis.receipt_key))(held),
    ),
    "the checkpoint of another log": (
        "the checkpoint is of another log: other.example/log",
        checkpoint_by(OTHER_LOG, "other.example/log", b"1234"),
    ),
    "the checkpoint of another log under the same name": (
        "(3) checkpoint: signed by the log key: the checkpoint is not signed by the log key",
        checkpoint_by(OTHER_LOG, key_id=b"1234"),
    ),
    "a checkpoint signed by somebody else": (
        "(3) checkpoint: signed by the log key: the log's signature on the checkpoint does not hold",
        checkpoint_by(OTHER_LOG),
    ),
    "a second history, signed by the log": (
        "(4) inclusion: the path leads from the statement to a root that the checkpoint covers: the root",
        checkpoint_by(LOG_KEY),
    ),
    "no proof that the tree went on": (
        "the consistency proof is too short",
        lambda held: (held.proof / "consistency").write_bytes(b""),
    ),
    "a receipt that is none": (
        "this is not a COSE Receipt",
        lambda held: (held.proof / "receipt.cose").write_bytes(b"\xd2\x80"),
    ),
    "a receipt that is not even CBOR": (
        "the receipt is not CBOR",
        lambda held: (held.proof / "receipt.cose").write_bytes(b"\xd2\x84"),
    ),
    "a receipt with a byte more": (
        "the receipt has bytes that do not belong there",
        lambda held: (held.proof / "receipt.cose").write_bytes(
            (held.proof / "receipt.cose").read_bytes() + b"\0"
        ),
    ),
}


@pytest.mark.parametrize("name", FORGERIES)
def test_a_forgery_is_told_by_its_own_message(
    outsider: Outsider, held: Held, tmp_path: Path, name: str
) -> None:
    message, forge = FORGERIES[name]
    copy = held.copy(tmp_path / "proof")
    forge(copy)
    ran = outsider.check(copy.statement, copy.proof)
    assert (ran.code, ran.err.startswith("failed: "), message in ran.err) == (1, True, True), ran
    assert "OK" not in ran.out


def test_the_receipt_of_another_statement_proves_nothing(outsider: Outsider, held: Held) -> None:
    other = outsider.said()
    ran = outsider.check(other, held.proof)
    assert (ran.code, "(4) inclusion" in ran.err) == (1, True), ran


def test_another_genesis_document_is_another_log(outsider: Outsider, held: Held, tmp_path: Path) -> None:
    members = json.loads(outsider.path("genesis.json").read_text())
    (tmp_path / "genesis.json").write_text(json.dumps(members | {"receipt_key": b64url(STRANGER.cose)}))
    other = Outsider(tmp_path, outsider.stage)
    ran = other.check(held.statement, held.proof)
    assert (ran.code, "it was signed for another log" in ran.err) == (1, True), ran


def test_every_flipped_byte_of_a_receipt_is_found(held: Held) -> None:
    statement = read_statement(held.statement.read_bytes())
    data = (held.proof / "receipt.cose").read_bytes()
    checkpoint = second_proof.read_checkpoint((held.proof / "checkpoint").read_bytes(), held.genesis)
    consistency = (held.proof / "consistency").read_bytes()
    path = [consistency[at : at + 32] for at in range(0, len(consistency), 32)]

    def check(receipt: bytes) -> None:
        read = second_proof.read_receipt(receipt, held.genesis, statement.claims[SUB])
        root = second_proof.root_of_inclusion(statement.entry, read.index, read.size, read.path)
        second_proof.check_consistency(second_proof.Checkpoint(read.size, root), checkpoint, path)
        read.check_signature(root, held.genesis)

    check(data)
    for at in range(len(data)):
        for bit in (1, 128):
            with pytest.raises(Wrong):
                check(data[:at] + bytes([data[at] ^ bit]) + data[at + 1 :])


def test_every_flipped_byte_of_a_checkpoint_is_found(held: Held) -> None:
    note = (held.proof / "checkpoint").read_bytes()
    for at in range(len(note)):
        with pytest.raises(Wrong):
            second_proof.read_checkpoint(note[:at] + bytes([note[at] ^ 1]) + note[at + 1 :], held.genesis)


def test_consistency_is_made_of_tiles_of_every_level() -> None:
    leaves = [h(b"\0", index.to_bytes(4, "big")) for index in range(700)]
    levels = [leaves, [tree(leaves[at : at + 256]) for at in range(0, 512, 256)]]

    def fetch(path: str) -> bytes:
        at, _, width = path.partition(".p/")
        level, number = map(int, at.split("/"))
        return b"".join(levels[level][256 * number :][: int(width or 256)])

    for old in (1, 2, 3, 127, 128, 129, 255, 256, 257, 300, 511, 512, 513, 640, 699):
        for new in (size for size in (2, 4, 255, 256, 257, 512, 513, 700) if size > old):
            path = second_proof.consistency_path(old, new, fetch)
            assert path == consistency(leaves[:new], old)
            first, then = (second_proof.Checkpoint(size, tree(leaves[:size])) for size in (old, new))
            second_proof.check_consistency(first, then, path)


def test_tiles_are_named_as_c2sp_says() -> None:
    asked: list[str] = []

    def fetch(path: str) -> bytes:
        asked.append(path)
        return bytes(32 * int(path.partition(".p/")[2] or 256))

    second_proof.consistency_path(1, 256 * 1_000 + 1, fetch)
    assert asked[0] == "0/000"
    assert asked[-1] == "0/x001/000.p/1"
    assert {"1/000", "1/003.p/232"} < set(asked)
    with pytest.raises(Wrong, match="tile 0/0 has 0 bytes and not 64"):
        second_proof.consistency_path(1, 2, lambda _: b"")

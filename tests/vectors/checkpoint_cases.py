"""Vectors of checkpoints and their cosignatures."""

from typing import Any

from ledger.domain.checkpoint import Checkpoint, cosign, sign_checkpoint
from ledger.domain.note import COSIGNATURE_V1, Note, NoteSignature, VerifierKey
from tests.builders import NOON, ORIGIN, a_log_verifier_key, an_ed25519_key, seeded

Case = dict[str, Any]
WITNESS = "witness.example/one"
CHECKPOINT = Checkpoint(ORIGIN, 13, seeded("root", 32))


def _witness(seed: str = "witness", name: str = WITNESS) -> VerifierKey:
    return VerifierKey(name, COSIGNATURE_V1, an_ed25519_key(seed).public_key().public_bytes_raw())


def _cosigned(time: int = NOON, seed: str = "witness") -> NoteSignature:
    return cosign(CHECKPOINT, _witness(seed), time, an_ed25519_key(seed).sign)


def _beyond_time() -> NoteSignature:
    """Return a cosignature that holds and has a time that no witness can mean."""
    time = 1 << 63
    signed = an_ed25519_key("witness").sign(f"cosignature/v1\ntime {time}\n{CHECKPOINT.body()}".encode())
    return NoteSignature(WITNESS, _witness().key_id, time.to_bytes(8) + signed)


def _damaged(signature: NoteSignature) -> NoteSignature:
    changed = signature.signature[:-1] + bytes([signature.signature[-1] ^ 1])
    return NoteSignature(signature.name, signature.key_id, changed)


def _note(*more: NoteSignature) -> str:
    log_key = VerifierKey.parse(a_log_verifier_key())
    note = Note.parse(sign_checkpoint(CHECKPOINT, log_key, an_ed25519_key("log").sign))
    return note.add(*more).encode().decode()


def checkpoints() -> list[Case]:
    """Return checkpoints with cosignatures, and damaged ones."""
    vkeys = [a_log_verifier_key(), _witness().encode()]
    text = _note(_cosigned())
    (by_log,) = Note.parse(_note().encode()).signatures
    stranger, at_noon = _cosigned(seed="stranger"), {WITNESS: NOON}
    many = [NoteSignature(f"stranger.example/{i}", bytes(4), bytes(72)) for i in range(99)]
    good = {
        "signed and cosigned": (text, at_noon),
        "signed only": (_note(), {}),
        "cosigned twice, of which the first counts": (_note(_cosigned(NOON + 60), _cosigned()), at_noon),
        "a line by an unknown key, which means nothing": (_note(_damaged(stranger), _cosigned()), at_noon),
        "100 lines": (_note(*many), {}),
    }
    bad = {
        "another size": text.replace("\n13\n", "\n14\n"),
        "size with a leading zero": text.replace("\n13\n", "\n013\n"),
        "size of 2^63": text.replace("\n13\n", f"\n{1 << 63}\n"),
        "root of 31 bytes": text.replace(text.split("\n")[2], text.split("\n")[2][:40] + "AA=="),
        "extension line": text.replace("\n\n", "\nmore\n\n", 1),
        "no signature": text.split("\n\n")[0] + "\n\n",
        "lines that end in CR LF": text.replace("\n", "\r\n"),
        "last newline gone": text[:-1],
        "something after it": text + "\n",
        "signature line with a hyphen": text.replace("\u2014", "-"),
        "signature that is not base64": text[:-2] + "*\n",
        "cosignature that does not hold": _note(_damaged(_cosigned())),
        "one of two cosignatures that does not hold": _note(_cosigned(), _damaged(_cosigned(NOON + 60))),
        "cosignature beyond all time": _note(_beyond_time()),
        "one of two log signatures that does not hold": _note(_damaged(by_log)),
    }
    expect = {"origin": ORIGIN, "size": 13, "root": CHECKPOINT.root.hex()}
    return [
        *(
            {"name": name, "input": {"note": note, "vkeys": vkeys}, "expect": expect | {"times": times}}
            for name, (note, times) in good.items()
        ),
        *(_refused(name, note, vkeys) for name, note in bad.items()),
        _refused("another log key", text, [a_log_verifier_key(seed="thief"), vkeys[1]]),
        _refused("log key under another name", text, [a_log_verifier_key("other.example/log"), vkeys[1]]),
        _refused("101 lines", text + "".join(line.line() for line in many), vkeys),
    ]


def _refused(name: str, note: str, vkeys: list[str]) -> Case:
    return {"name": name, "input": {"note": note, "vkeys": vkeys}, "expect": {"error": True}}


SECTIONS = {"checkpoint": checkpoints}

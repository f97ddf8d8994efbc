"""Files that are no dossier: one clear line, or the same as JSON, and exit code 3; nothing half-written."""

import io
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from ledger.domain import strict_cbor
from ledger.verification.container import open_container, write_container
from tests.cli.corridor import corridor_alone, refused
from tests.cli.hostile import noise, small, verified
from tests.verification import test_container
from tests.verification.factory import packed


def with_parts(**changed: bytes) -> bytes:
    """Return a container that is right in every byte, with other content in some of its members."""
    world, trip = small()
    dossier = world.dossier(trip)
    parts = {**dossier.parts(), **{name.replace("_", "."): content for name, content in changed.items()}}
    out = io.BytesIO()
    write_container(dossier.header, parts, out)
    return out.getvalue()


def with_manifest(change: Callable[[str], str]) -> bytes:
    """Return a container that is right in every byte, with a manifest that says something else."""
    world, trip = small()
    whole = open_container(packed(world.dossier(trip)))
    manifest = change(whole.manifest_bytes.decode()).encode()
    return test_container.with_manifest(manifest, {name: whole.read(name) for name in whole.names})


GOOD = small()[0].dossier(small()[1]).parts()["statements.cbor"]
NOT_A_DOSSIER: dict[str, Callable[[], bytes]] = {
    **{f"ZIP: {name}": partial(bytes, data) for name, (data, _) in test_container.REFUSED.items()},
    "ZIP: a bomb of a deflated member": lambda: test_container.with_added("bomb", bytes(50_000_000)),
    "CBOR: truncated": lambda: with_parts(statements_cbor=GOOD[:-1]),
    "CBOR: cut in the middle": lambda: with_parts(statements_cbor=GOOD[: len(GOOD) // 2]),
    "CBOR: empty": lambda: with_parts(statements_cbor=b""),
    "CBOR: random": lambda: with_parts(chain_cbor=noise(1, 500)),
    "CBOR: more random": lambda: with_parts(map_cbor=noise(2, 500)),
    "CBOR: bytes after it": lambda: with_parts(statements_cbor=GOOD + b"\x00"),
    "CBOR: an array of indefinite length": lambda: with_parts(statements_cbor=b"\x9f" + GOOD[1:] + b"\xff"),
    "CBOR: a text of indefinite length": lambda: with_parts(keys_cbor=b"\x81\x7f\x61\x61\xff"),
    "CBOR: a length that is not the shortest": lambda: with_parts(anchors_cbor=b"\x98\x00"),
    "CBOR: a map where an array belongs": lambda: with_parts(anchors_cbor=b"\xa0"),
    "CBOR: a tag": lambda: with_parts(anchors_cbor=b"\xc1\x80"),
    "CBOR: a float": lambda: with_parts(anchors_cbor=b"\x81\x83\xf9\x3c\x00\x01\x01"),
    "CBOR: a bomb of brackets": lambda: with_parts(anchors_cbor=b"\x81" * 200_000 + b"\x80"),
    "CBOR: a length of 2^63": lambda: with_parts(anchors_cbor=b"\x9b" + b"\x7f" + b"\xff" * 7),
    "CBOR: a byte string of 2^63": lambda: with_parts(keys_cbor=b"\x81\x5b" + b"\x7f" + b"\xff" * 7),
    "CBOR: a negative size": lambda: with_parts(anchors_cbor=strict_cbor.dumps([[-1, 1, 1]])),
    "CBOR: sizes that do not ascend": lambda: with_parts(anchors_cbor=strict_cbor.dumps([[4, 1, 1]] * 2)),
    "a member that no dossier has": lambda: with_parts(notes_txt=b"hello"),
    "a receipt file": lambda: packed(small()[0].receipt(2)),
    "manifest: no JSON": lambda: with_manifest(lambda text: text[:-1]),
    "manifest: a member twice": lambda: with_manifest(lambda text: text[:-1] + ',"target":8}'),
    "manifest: NaN": lambda: with_manifest(lambda text: text.replace('"target":8', '"target":NaN')),
    "manifest: a huge integer": lambda: with_manifest(
        lambda text: text.replace(":8,", ":" + "9" * 5000 + ",")
    ),
    "manifest: a bomb of brackets": lambda: with_manifest(lambda _: "[" * 200_000),
    "manifest: half a surrogate pair": lambda: with_manifest(lambda text: text.replace("trip", "\\ud800")),
    "manifest: another version": lambda: with_manifest(lambda text: text.replace("dossier/1", "dossier/2")),
    "manifest: one kind more": lambda: with_manifest(lambda text: text.replace(':"dossier"', ':"poem"')),
    "manifest: another hash": lambda: with_manifest(
        lambda text: text.replace('"sha256":"', '"sha256":"0', 1)
    ),
}


@pytest.mark.parametrize("name", NOT_A_DOSSIER)
def test_what_is_no_dossier_gets_one_line_or_json_and_3(tmp_path: Path, name: str) -> None:
    ran = verified(tmp_path, NOT_A_DOSSIER[name]())
    refused(ran, 3, ran.reason)
    as_json = verified(tmp_path, NOT_A_DOSSIER[name](), "--json")
    assert (as_json.code, as_json.err) == (3, "")
    first = as_json.json["checks"][0]
    assert (first["name"], first["status"], first["reason"]) == ("readable", "failed", ran.reason)


@pytest.mark.parametrize("seed", range(20))
def test_random_bytes_in_the_place_of_any_member_never_get_a_traceback(tmp_path: Path, seed: int) -> None:
    world, trip = small()
    names = sorted(world.dossier(trip).parts())
    name = names[seed % len(names)]
    ran = verified(tmp_path, with_parts(**{name.replace(".", "_"): noise(seed, 10 + 40 * seed)}))
    assert ran.code in (1, 3)
    assert len(ran.err.splitlines()) == (ran.code == 3)


def test_every_refusal_of_the_container_is_tried_by_the_command_line() -> None:
    assert sum(name.startswith("ZIP: ") for name in NOT_A_DOSSIER) == len(test_container.REFUSED) + 1
    assert {"traversal", "unlisted", "duplicate", "compressed"} <= test_container.REFUSED.keys()


def test_a_hostile_file_is_refused_by_the_real_program_too(tmp_path: Path) -> None:
    (tmp_path / "trust.json").write_bytes(small()[0].trust().encode())
    (tmp_path / "dossier.zip").write_bytes(NOT_A_DOSSIER["CBOR: a bomb of brackets"]())
    refused(
        corridor_alone("verify", tmp_path / "dossier.zip", "--trust", tmp_path / "trust.json"),
        3,
        "cbor-syntax",
    )

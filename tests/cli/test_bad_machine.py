"""Machines without room, without rights, without anybody who reads; and faults of this program itself."""

from pathlib import Path

import pytest

from ledger.domain.errors import CorridorError
from ledger.keys.files import KeyFile, KeyKind
from tests.builders import EXPORTER, a_genesis, a_signer, a_trip
from tests.cli.corridor import corridor, corridor_process, refused
from tests.cli.hostile import NOW, small, verified
from tests.verification.factory import packed

TRIP = a_trip()


def signing(folder: Path) -> list[object]:
    """Return the command that signs a statement, without where to write it."""
    KeyFile(KeyKind.STATEMENT, EXPORTER, a_signer(EXPORTER).private_key).save(
        folder / "exporter.key", "words", rounds=1
    )
    (folder / "genesis.json").write_bytes(a_genesis().document)
    (folder / "passphrase").write_text("words\n")
    (folder / "body.json").write_text("{}")
    options = {
        "key": folder / "exporter.key",
        "passphrase-file": folder / "passphrase",
        "genesis": folder / "genesis.json",
        "body": folder / "body.json",
        "iss": EXPORTER,
        "kind": "seal-check",
        "subject": TRIP.uri,
        "stream": TRIP.custody_tag.hex(),
    }
    return ["statement", "sign", *(part for name, value in options.items() for part in (f"--{name}", value))]


@pytest.mark.parametrize(
    ("path", "code", "reason"),
    [
        ("/proc/out.file", 1, "no-folder"),
        ("/dev/full", 1, "file-exists"),
        ("/dev/null/out", 4, "cannot-write"),
        ("/", 1, "file-exists"),
        ("/tmp", 1, "file-exists"),
    ],
)
def test_what_cannot_be_written_is_said_in_one_line_even_by_force(
    tmp_path: Path, path: str, code: int, reason: str
) -> None:
    refused(corridor(*signing(tmp_path), "--out", path, "--force"), code, reason)


@pytest.mark.parametrize("room", [0, 1])
def test_a_full_disk_leaves_nothing_half_written(tmp_path: Path, room: int) -> None:
    """The size of files is limited, in blocks of 1,024 bytes: the same error as of a full disk."""
    command = [*signing(tmp_path), "--out", tmp_path / "out.statement"]
    before = sorted(tmp_path.iterdir())
    script = f'ulimit -f {room}; trap "" XFSZ; exec "$@"'
    refused(corridor_process(*command, prefix=["bash", "-c", script, "bash"]), 4, "cannot-write")
    assert sorted(tmp_path.iterdir()) == before


def test_a_verdict_without_standard_output_is_none(tmp_path: Path) -> None:
    world, trip = small()
    assert verified(tmp_path, packed(world.dossier(trip))).code == 0
    command = (
        "verify",
        tmp_path / "dossier.zip",
        "--trust",
        tmp_path / "trust.json",
        "--offline",
        "--now",
        NOW,
    )
    refused(corridor_process(*command, prefix=["bash", "-c", 'exec "$@" >&-', "bash"]), 4, "cannot-write")


def test_a_fault_of_the_program_is_one_line_and_never_a_success(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fault(*_arguments: object, **_options: object) -> None:
        raise RuntimeError("a fault\nin two lines\x1b[2J")

    monkeypatch.setattr("ledger.verification.verifier.examine", fault)
    ran = verified(tmp_path, b"")
    refused(ran, 70, "internal")
    monkeypatch.setenv("CORRIDOR_TRACEBACK", "1")
    with pytest.raises(RuntimeError):
        verified(tmp_path, b"")


def test_an_error_of_ours_is_one_line_whatever_it_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fault(*_arguments: object, **_options: object) -> None:
        raise CorridorError("some-code", "first line\nsecond line \x1b]0;title\x07 \u202e", field="kind")

    monkeypatch.setattr("ledger.verification.verifier.examine", fault)
    refused(verified(tmp_path, b""), 64, "some-code")

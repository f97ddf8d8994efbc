"""`corridor witness serve`: it cosigns, says what is wrong with its settings, and is alone in its folder."""

import signal
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from ledger.domain.checkpoint import verify_cosignatures
from ledger.domain.clock import system_clock
from ledger.domain.note import COSIGNATURE_V1, Note, VerifierKey
from ledger.keys.files import KeyFile, KeyKind
from ledger.log.witness_client import HttpWitnessClient
from ledger.storage.folder_lock import only_one
from tests.builders import EXPORTER, ORIGIN, a_genesis, a_log_verifier_key, a_signer, an_ed25519_key
from tests.cli.corridor import EXECUTABLE, Ran, corridor, corridor_process, refused
from tests.cli.test_log import served
from tests.log.logs import a_log, appended, history, log_signer

NAME = "witness.example/one"
KEY = VerifierKey(NAME, COSIGNATURE_V1, an_ed25519_key(NAME).public_key().public_bytes_raw())


class Box:
    """A folder with all that a witness takes."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        KeyFile(KeyKind.WITNESS, NAME, an_ed25519_key(NAME)).save(folder / "witness.key", "words", rounds=1)
        (folder / "passphrase").write_text("words\n")

    def command(self, *more: object) -> list[str]:
        """Return the command that serves."""
        options: list[object] = ["--data", self.folder / "state", "--key", self.folder / "witness.key"]
        options += ["--passphrase-file", self.folder / "passphrase"]
        return ["witness", "serve", *map(str, [*options, "--log", f"{ORIGIN}={a_log_verifier_key()}", *more])]

    def run(self, *more: object) -> Ran:
        """Try to serve with settings that must not do."""
        return corridor(*self.command(*more))


@pytest.fixture
def box(tmp_path: Path) -> Box:
    return Box(tmp_path)


@contextmanager
def running(box: Box, *more: object) -> Iterator[tuple["subprocess.Popen[str]", str]]:
    """Run a witness in a process of its own, and give its URL."""
    process = subprocess.Popen([str(EXECUTABLE), *box.command(*more)], stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        assert line.startswith(f"witness {NAME} at http://127.0.0.1:"), line
        yield process, line.split()[-1]
    finally:
        process.send_signal(signal.SIGTERM)
        process.communicate()


@pytest.mark.parametrize("index_cosigner", [False, True], ids=["witness", "index cosigner"])
def test_it_cosigns_the_checkpoints_of_its_log(tmp_path: Path, box: Box, index_cosigner: bool) -> None:
    signer = log_signer()
    with a_log(tmp_path) as store, served(store) as url:
        appended(store, history(1, 2))
        size = store.checkpoints.fix()[0].size
        store.checkpoints.sign(size, signer.key, signer.sign)
        note = store.checkpoints.note(size)
        index = ["--index-log", f"{ORIGIN}={url}={a_genesis().hash.hex()}"] if index_cosigner else []
        with running(box, *index) as (_, witness):
            client = HttpWitnessClient(witness, KEY.encode(), clock=system_clock)
            line = client.add_checkpoint(0, [], note)
    assert len(verify_cosignatures(Note.parse(note + line), [KEY])) == 1


def test_a_second_one_in_the_same_folder_says_so(box: Box) -> None:
    with running(box):
        ran = corridor_process(*box.command())
    assert (ran.code, ran.out) == (1, b"")
    assert len(ran.err.splitlines()) == 1


def test_it_ends_when_it_is_told_to(box: Box) -> None:
    with running(box) as (process, _):
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) in (0, -signal.SIGTERM)


def test_a_port_in_use_is_said_in_one_line(box: Box) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        refused(box.run("--port", taken.getsockname()[1]), 4, "port-unavailable")


def test_a_folder_that_another_process_holds_is_left_alone(box: Box) -> None:
    with only_one(box.folder / "state"):
        ran = box.run()
    assert (ran.code, ran.out) == (1, b"")


def test_a_folder_that_cannot_be_made_is_said_in_one_line(box: Box) -> None:
    assert box.run("--data", "/proc/state").code == 4
    (box.folder / "file").write_text("")
    assert box.run("--data", box.folder / "file").code == 4


def test_a_key_for_something_else_does_not_witness(box: Box) -> None:
    path = box.folder / "other.key"
    KeyFile(KeyKind.STATEMENT, EXPORTER, a_signer(EXPORTER).private_key).save(path, "words", rounds=1)
    refused(box.run("--key", path), 2, "wrong-key-kind")


GENESIS = "00" * 32


@pytest.mark.parametrize(
    ("options", "code", "reason"),
    [
        (["--log", "nonsense"], 2, "bad-log"),
        (["--log", "other.example/log=nonsense"], 1, "verifier-key"),
        (["--log", f"other.example/log={a_log_verifier_key()}"], 2, "log-key"),
        (["--log", f"{NAME}={KEY.encode()}"], 2, "log-key"),
        (["--index-log", ORIGIN], 2, "bad-log"),
        (["--index-log", f"{ORIGIN}=http://127.0.0.1:1/log"], 2, "bad-log"),
        (["--index-log", f"{ORIGIN}=http://127.0.0.1:1/log=abc"], 1, "malformed-field"),
        (["--index-log", f"other.example/log=http://127.0.0.1:1/log={GENESIS}"], 2, "bad-log"),
        (["--index-log", f"{ORIGIN}=ftp://127.0.0.1:1/log={GENESIS}"], 2, "log-url"),
        (["--port", "65536"], 2, "usage"),
        (["--port", "http"], 2, "usage"),
        (["--key", "absent.key"], 1, "no-file"),
    ],
)
def test_settings_that_cannot_be_are_said_in_one_line(
    box: Box, options: list[str], code: int, reason: str
) -> None:
    refused(box.run(*options), code, reason)


def test_an_index_cosigner_replays_all_of_its_logs_or_none(box: Box) -> None:
    other = f"log.example/other={a_log_verifier_key('log.example/other')}"
    index = f"{ORIGIN}=http://127.0.0.1:1/log={GENESIS}"
    refused(box.run("--log", other, "--index-log", index), 2, "index-cosigner")

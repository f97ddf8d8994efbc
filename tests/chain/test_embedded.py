"""The embedded chain comes back as it was saved, or as another chain that says so, and never outlives us."""

import gzip
import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from time import monotonic, sleep

import pytest

from ledger.chain.anvil_process import find_anvil
from ledger.chain.dumps import Dumps
from ledger.chain.embedded import EmbeddedChain
from ledger.chain.reader import Block
from ledger.domain.errors import ConflictError, UnavailableError, UsageError
from tests.builders import NOON, seeded
from tests.chain.chains import Hands, a_chain

SOMEBODY = seeded("somebody", 20)


def wait_until(true: Callable[[], bool], seconds: float = 20.0) -> None:
    """Let another process get somewhere; nothing else tells when it is there."""
    until = monotonic() + seconds
    while not true():
        assert monotonic() < until, "it never came"
        sleep(0.01)


def head(chain: EmbeddedChain) -> Block:
    client = chain.client()
    try:
        return client.head()
    finally:
        client.close()


def block(chain: EmbeddedChain, number: int) -> Block | None:
    client = chain.client()
    try:
        return client.block(number)
    finally:
        client.close()


def test_it_comes_back_as_it_was_stopped(tmp_path: Path) -> None:
    clock = Hands()
    with a_chain(tmp_path, clock) as chain:
        assert chain.is_fresh
        chain.fund(SOMEBODY, 12345)
        chain.mine(3)
        identity, before = chain.identity, head(chain)
    for _ in range(3):
        with a_chain(tmp_path, clock) as chain:
            assert not chain.is_fresh
            assert chain.identity == identity
            assert block(chain, before.number) == before
            chain.mine()
            balance = chain.client().rpc.call("eth_getBalance", "0x" + SOMEBODY.hex(), "latest")
            assert balance == hex(12345)


def test_a_folder_named_relatively_comes_back_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with a_chain(Path("data"), Hands()) as chain:
        chain.mine(3)
        identity = chain.identity
    with a_chain(Path("data"), Hands()) as chain:
        assert (chain.is_fresh, chain.identity) == (False, identity)


def test_killed_it_comes_back_as_it_was_saved(tmp_path: Path) -> None:
    with a_chain(tmp_path, Hands(), settle_blocks=0) as chain:
        chain.mine(5)
        chain.save()
        identity, saved, url = chain.identity, head(chain), chain.url
        chain.mine(5)
        killed = chain.pid
        os.kill(killed, signal.SIGKILL)

        def is_back() -> bool:
            try:
                chain.check()
            except UnavailableError:
                return False
            return chain.pid != killed

        wait_until(is_back)
        assert (chain.identity, chain.url) == (identity, url)
        assert head(chain) == saved


def damage_newest(folder: Path) -> None:
    path = folder / "state.json.gz"
    path.write_bytes(path.read_bytes()[:-100])


def test_a_damaged_state_leaves_the_one_before(tmp_path: Path) -> None:
    with a_chain(tmp_path, Hands(), settle_blocks=0) as chain:
        chain.mine(2)
        chain.save()
        identity, saved = chain.identity, head(chain)
        chain.mine(2)
    damage_newest(tmp_path)
    with a_chain(tmp_path, Hands(), settle_blocks=0) as chain:
        assert (chain.identity, head(chain), chain.is_fresh) == (identity, saved, False)
    assert (tmp_path / "state.json.gz.damaged").exists()


def change_state(folder: Path, change: Callable[[dict[str, object]], object]) -> None:
    for name in ("state.json.gz", "state.previous.json.gz"):
        state = json.loads(gzip.decompress((folder / name).read_bytes()))
        (folder / name).write_bytes(gzip.compress(json.dumps(change(state)).encode()))


UNUSABLE: dict[str, Callable[[dict[str, object]], object]] = {
    "a number": lambda _state: 7,
    "no blocks": lambda state: {**state, "blocks": []},
    "no accounts": lambda state: {key: state[key] for key in state if key != "accounts"},
    "two blocks 0": lambda state: {**state, "blocks": 2 * state["blocks"]},  # type: ignore[operator]
}


@pytest.mark.parametrize("change", UNUSABLE.values(), ids=UNUSABLE)
def test_states_that_cannot_be_used_make_another_chain_and_are_kept(
    tmp_path: Path, change: Callable[[dict[str, object]], object]
) -> None:
    with a_chain(tmp_path, Hands()) as chain:
        chain.mine(2)
        identity = chain.identity
    change_state(tmp_path, change)
    with a_chain(tmp_path, Hands()) as chain:
        assert chain.is_fresh
        assert chain.identity.genesis != identity.genesis
    assert len(list(tmp_path.glob("*.damaged"))) == 2
    with a_chain(tmp_path, Hands()) as chain:
        assert not chain.is_fresh


def test_every_fresh_chain_has_a_genesis_of_its_own(tmp_path: Path) -> None:
    found = set()
    for name in ("one", "two", "three"):
        with a_chain(tmp_path / name, Hands()) as chain:
            found.add(chain.identity.genesis)
    assert len(found) == 3


def test_block_times_follow_the_clock_and_only_grow(tmp_path: Path) -> None:
    clock = Hands()
    with a_chain(tmp_path, clock) as chain:
        assert head(chain).time == NOON
        clock.now = NOON + 3600
        chain.mine()
        times = [head(chain).time]
        for now in (NOON + 3600, NOON + 100, NOON + 3700):
            clock.now = now
            chain.mine()
            times.append(head(chain).time)
        assert times == [NOON + 3600, NOON + 3601, NOON + 3602, NOON + 3700]


def test_it_mines_what_waits_and_then_settles(tmp_path: Path) -> None:
    from ledger.chain.transactions import transact
    from tests.chain.chains import OPERATOR

    with EmbeddedChain(tmp_path, clock=Hands(), block_seconds=0.01, settle_blocks=3) as chain:
        chain.fund(OPERATOR.address)
        client = chain.client()
        receipt = transact(client, OPERATOR, SOMEBODY, b"")
        wait_until(lambda: client.head().number >= receipt.block_number + 3)
        assert client.head().number == receipt.block_number + 3
        client.close()


def test_it_is_saved_now_and_then(tmp_path: Path) -> None:
    with a_chain(tmp_path, Hands(), save_seconds=0.0) as chain:
        before = (tmp_path / "state.json.gz").stat().st_ino
        chain.mine()
        wait_until(lambda: (tmp_path / "state.json.gz").stat().st_ino != before)


def test_no_account_comes_with_it(tmp_path: Path) -> None:
    with a_chain(tmp_path, Hands()) as chain:
        client = chain.client()
        assert client.rpc.call("eth_accounts") == []
        # The first account of every anvil and Hardhat in the world.
        everybodys = "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266"
        assert client.rpc.call("eth_getBalance", everybodys, "latest") == "0x0"
        client.close()


def test_a_second_one_on_the_same_folder_is_refused(tmp_path: Path) -> None:
    with a_chain(tmp_path, Hands()) as chain:
        with pytest.raises(ConflictError, match="another process"):
            EmbeddedChain(tmp_path, clock=Hands()).start()
        chain.check()
    with a_chain(tmp_path, Hands()):
        pass


PARENT = """
import sys, time
from pathlib import Path
from ledger.chain.embedded import EmbeddedChain
chain = EmbeddedChain(Path(sys.argv[1]), clock=lambda: 1790000000)
chain.start()
print(chain.pid, flush=True)
time.sleep(600)
"""


def test_it_does_not_outlive_its_parent(tmp_path: Path) -> None:
    command = [sys.executable, "-c", PARENT, str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        pid = int(parent.stdout.readline())
        parent.kill()
        parent.wait()

    def is_gone() -> bool:
        try:
            return Path(f"/proc/{pid}/stat").read_text().split()[2] == "Z"
        except FileNotFoundError:
            return True

    wait_until(is_gone)
    with a_chain(tmp_path, Hands()) as chain:
        assert not chain.is_fresh


def test_a_port_in_use_is_said_so(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(UnavailableError) as caught:
            EmbeddedChain(tmp_path, clock=Hands(), port=port).start()
    assert caught.value.code == "port-in-use"
    assert str(port) in caught.value.message


def test_a_folder_that_cannot_be_made_is_said_so(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(UnavailableError) as caught:
        EmbeddedChain(tmp_path / "file" / "chain", clock=Hands()).start()
    assert caught.value.code == "folder-not-writable"


def test_a_program_that_is_no_anvil_is_told_in_its_own_words(tmp_path: Path) -> None:
    program = tmp_path / "anvil"
    program.write_text("#!/bin/sh\necho Error: not today >&2\nexit 3\n")
    program.chmod(0o700)
    with pytest.raises(UnavailableError, match="not today"):
        EmbeddedChain(tmp_path / "chain", anvil=program, clock=Hands()).start()


def test_a_broken_anvil_costs_no_saved_state(tmp_path: Path) -> None:
    with a_chain(tmp_path / "chain", Hands()) as chain:
        identity = chain.identity
    program = tmp_path / "anvil"
    program.write_text("#!/bin/sh\nexit 3\n")
    program.chmod(0o700)
    with pytest.raises(UnavailableError):
        EmbeddedChain(tmp_path / "chain", anvil=program, clock=Hands()).start()
    with a_chain(tmp_path / "chain", Hands()) as chain:
        assert (chain.identity, chain.is_fresh) == (identity, False)


def test_after_stop_it_is_down(tmp_path: Path) -> None:
    with a_chain(tmp_path, Hands()) as chain:
        pass
    with pytest.raises(UnavailableError, match="not running"):
        chain.check()
    chain.stop()


def test_the_program_set_must_be_one(tmp_path: Path) -> None:
    (tmp_path / "text").write_text("hello")
    for path in (tmp_path / "text", tmp_path / "absent", tmp_path):
        with pytest.raises(UsageError, match="CORRIDOR_ANVIL"):
            find_anvil(path)


def test_the_programs_own_packages_have_it() -> None:
    assert find_anvil().name == "anvil"


def test_a_dump_that_cannot_be_written_changes_nothing(tmp_path: Path) -> None:
    dumps = Dumps(tmp_path)
    dumps.save(b"first")
    (tmp_path / "state.new").mkdir()
    with pytest.raises(UnavailableError, match="cannot be saved"):
        dumps.save(b"second")
    (path,) = dumps.candidates()
    assert path.read_bytes() == b"first"


def test_two_dumps_are_kept_newest_first(tmp_path: Path) -> None:
    dumps = Dumps(tmp_path)
    for dump in (b"first", b"second", b"third"):
        dumps.save(dump)
    assert [path.read_bytes() for path in dumps.candidates()] == [b"third", b"second"]


def test_a_kill_between_the_two_renames_leaves_the_previous_dump(tmp_path: Path) -> None:
    dumps = Dumps(tmp_path)
    dumps.save(b"first")
    (tmp_path / "state.json.gz").rename(tmp_path / "state.previous.json.gz")
    (tmp_path / "state.new").write_bytes(b"second")
    assert [path.read_bytes() for path in dumps.candidates()] == [b"first"]

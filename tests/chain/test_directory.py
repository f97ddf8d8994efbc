"""The mirror says what the registry says now, and nothing when it does not know."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import contextmanager
from threading import Event
from typing import Any

import pytest

from ledger.chain.directory import RegistryMirror
from ledger.chain.errors import WrongChainError
from ledger.chain.governance import begin_role, end_organisation, end_role, enrol
from ledger.chain.organisation import OrganisationAdmin
from ledger.chain.reader import ChainIdentity, ChainReader
from ledger.domain.directory import Directory, KeyStatus
from ledger.domain.errors import UnavailableError
from ledger.domain.evm_layout import organisation_id, role_id
from tests.builders import CUSTOMS, EXPORTER, ORIGIN_PORT, a_signer, seeded
from tests.chain.chains import World, an_account
from tests.chain.nodes import Refusal, a_lying_node

EXPORTER_ADMIN = an_account("exporter")
KEY = a_signer(EXPORTER).key
ROLES = ("exporter", "auditor", "governor")


class Stopwatch:
    """Seconds that pass when a test says so."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def a_mirror(world: World, reader: ChainReader | None = None, **changes: Any) -> RegistryMirror:
    arguments: dict[str, Any] = {"check_seconds": 0.0, "depth": 4}
    return RegistryMirror(reader or world.client, world.contracts.registry, ROLES, **arguments | changes)


def enrolled(world: World) -> OrganisationAdmin:
    world.chain.fund(EXPORTER_ADMIN.address)
    world.govern(enrol(EXPORTER, EXPORTER_ADMIN.address))
    return OrganisationAdmin(world.client, world.contracts, EXPORTER_ADMIN)


def test_it_follows_an_organisation_through_all_that_happens_to_it(world: World) -> None:
    directory: Directory = a_mirror(world)
    assert directory.lookup(KEY.thumbprint) is None
    admin = enrolled(world)
    assert directory.lookup(KEY.thumbprint) is None
    admin.add_key(KEY)
    none: frozenset[str] = frozenset()
    expected = KeyStatus(EXPORTER, KEY, none, active=True)
    assert directory.lookup(KEY.thumbprint) == expected
    world.govern(begin_role(EXPORTER, "exporter"))
    world.govern(begin_role(EXPORTER, "auditor"))
    world.govern(begin_role(EXPORTER, "nobody-asks-for-this"))
    found = directory.lookup(KEY.thumbprint)
    assert found is not None
    assert found.roles == {"exporter", "auditor"}
    world.govern(end_role(EXPORTER, "auditor"))
    found = directory.lookup(KEY.thumbprint)
    assert found is not None
    assert found.roles == {"exporter"}
    admin.end_key(KEY.thumbprint)
    found = directory.lookup(KEY.thumbprint)
    assert found is not None
    assert not found.active


def test_keys_of_an_organisation_that_ended_are_not_active(world: World) -> None:
    enrolled(world).add_key(KEY)
    world.govern(end_organisation(EXPORTER))
    found = a_mirror(world).lookup(KEY.thumbprint)
    assert found is not None
    assert not found.active


def test_the_whole_registry_can_be_looked_through(world: World) -> None:
    admin = enrolled(world)
    admin.add_key(KEY)
    admin.suspect_key(KEY.thumbprint, world.client.head().number)
    new = an_account("new admin")
    admin.change_admin(new.address)
    state = a_mirror(world).state()
    assert {one.uri for one in state.organisations.values()} == {ORIGIN_PORT, CUSTOMS, EXPORTER}
    assert state.organisations[organisation_id(EXPORTER)].admin == new.address
    assert state.open_roles(organisation_id(CUSTOMS)) == {role_id("governor")}
    assert state.keys[KEY.thumbprint].suspect_since == world.client.head().number - 2


def test_bytes_that_are_no_key_give_no_key(world: World) -> None:
    admin = enrolled(world)

    class NoKey:
        encoded = b"\xa4" + bytes(40)
        thumbprint = bytes(32)

    admin.add_key(NoKey())  # type: ignore[arg-type]
    (thumbprint,) = a_mirror(world).state().keys
    found = a_mirror(world).lookup(thumbprint)
    assert found is not None
    assert found.cose_key is None


@pytest.mark.parametrize("blocks", [1, 12], ids=["within the depth", "below the depth"])
def test_after_a_reorganisation_it_forgets_what_did_not_happen(world: World, blocks: int) -> None:
    mirror = a_mirror(world)
    snapshot = world.rpc("evm_snapshot")
    enrolled(world).add_key(KEY)
    world.chain.mine(blocks)
    assert mirror.lookup(KEY.thumbprint) is not None
    world.rpc("evm_revert", snapshot)
    world.chain.mine(blocks + 5)
    assert mirror.lookup(KEY.thumbprint) is None


def test_what_is_deep_is_read_once(world: World) -> None:
    asked: list[int] = []

    def watch(method: str, params: list[Any], truth: Any) -> object:
        if method == "eth_getLogs":
            asked.append(int(params[0]["fromBlock"], 16))
        return truth

    with a_lying_node(world.chain.url, watch) as url:
        reader = ChainReader(url)
        mirror = a_mirror(world, reader, depth=3)
        mirror.refresh()
        mirror.refresh()
        assert asked == [0]
        world.chain.mine()
        mirror.refresh()
        assert asked == [0, world.client.head().number - 3]
        reader.close()


def test_it_says_nothing_before_it_has_read_the_registry(world: World) -> None:
    def refuse(_method: str, _params: list[Any], _truth: Any) -> object:
        return Refusal.of("still syncing")

    with a_lying_node(world.chain.url, refuse) as url:
        reader = ChainReader(url)
        mirror = a_mirror(world, reader)
        for _ in range(2):
            with pytest.raises(UnavailableError, match="still syncing"):
                mirror.lookup(KEY.thumbprint)
        reader.close()


def test_it_answers_for_a_while_without_its_node_and_then_no_more(world: World) -> None:
    enrolled(world).add_key(KEY)
    watch, is_down = Stopwatch(), [False]

    def change(_method: str, _params: list[Any], truth: Any) -> object:
        return Refusal.of("out of order") if is_down[0] else truth

    with a_lying_node(world.chain.url, change) as url:
        reader = ChainReader(url)
        mirror = a_mirror(world, reader, check_seconds=1.0, max_age_seconds=30.0, monotonic=watch)
        assert mirror.lookup(KEY.thumbprint) is not None
        is_down[0] = True
        watch.now = 30.0
        assert mirror.lookup(KEY.thumbprint) is not None
        watch.now = 30.1
        for _ in range(2):
            with pytest.raises(UnavailableError, match="nobody is known to be entitled"):
                mirror.lookup(KEY.thumbprint)
        is_down[0] = False
        watch.now = 32.0
        assert mirror.lookup(KEY.thumbprint) is not None
        reader.close()


def is_at_hand(mirror: RegistryMirror) -> bool:
    """Ask it: type checkers take a property for one that stays."""
    return mirror.is_at_hand


@pytest.mark.parametrize("is_first", [True, False], ids=["the first", "the first after a long pause"])
def test_whoever_comes_during_a_reading_that_everybody_needs_waits_for_it(
    world: World, is_first: bool
) -> None:
    enrolled(world).add_key(KEY)
    watch, asked, answered = Stopwatch(), Event(), Event()

    def hold(_method: str, _params: list[Any], truth: Any) -> object:
        asked.set()
        answered.wait(30)
        return truth

    with a_lying_node(world.chain.url, hold) as url, ThreadPoolExecutor(2) as pool:
        reader = ChainReader(url)
        mirror = a_mirror(world, reader, check_seconds=1.0, max_age_seconds=60.0, monotonic=watch)
        if not is_first:
            answered.set()
            mirror.lookup(KEY.thumbprint)
            watch.now = 60.5
            asked.clear()
            answered.clear()
        first = pool.submit(mirror.lookup, KEY.thumbprint)
        asked.wait(30)
        assert not is_at_hand(mirror)
        second = pool.submit(mirror.lookup, KEY.thumbprint)
        done, _ = wait([second], timeout=0.2)
        answered.set()
        assert not done
        assert first.result() == second.result() is not None
        reader.close()


def test_nobody_waits_for_a_look_that_is_due(world: World) -> None:
    enrolled(world).add_key(KEY)
    watch, asked, answered = Stopwatch(), Event(), Event()
    answered.set()

    def hold(_method: str, _params: list[Any], truth: Any) -> object:
        asked.set()
        answered.wait(30)
        return truth

    with a_lying_node(world.chain.url, hold) as url, ThreadPoolExecutor(1) as pool:
        reader = ChainReader(url)
        mirror = a_mirror(world, reader, check_seconds=1.0, monotonic=watch)
        assert not is_at_hand(mirror)
        known = mirror.lookup(KEY.thumbprint)
        assert is_at_hand(mirror)
        watch.now = 1.0
        assert not is_at_hand(mirror)
        asked.clear()
        answered.clear()
        due = pool.submit(mirror.lookup, KEY.thumbprint)
        asked.wait(30)
        assert is_at_hand(mirror)
        assert mirror.lookup(KEY.thumbprint) == known
        answered.set()
        assert due.result() == known
        reader.close()


def test_whoever_was_enrolled_a_moment_ago_is_known(world: World) -> None:
    organisation = enrolled(world)
    watch = Stopwatch()
    reader = ChainReader(world.chain.url)
    mirror = a_mirror(world, reader, check_seconds=1.0, monotonic=watch)
    assert mirror.lookup(KEY.thumbprint) is None
    organisation.add_key(KEY)
    watch.now = 0.05
    assert mirror.lookup(KEY.thumbprint) is None
    watch.now = 0.15
    assert mirror.lookup(KEY.thumbprint) is not None
    reader.close()


@contextmanager
def counted(world: World, watch: Stopwatch) -> Iterator[tuple[RegistryMirror, list[str]]]:
    """Give a mirror that checks every second, and the methods that its node is asked."""
    asked: list[str] = []

    def count(method: str, _params: list[Any], truth: Any) -> object:
        asked.append(method)
        return truth

    with a_lying_node(world.chain.url, count) as url:
        reader = ChainReader(url)
        yield a_mirror(world, reader, check_seconds=1.0, monotonic=watch), asked
        reader.close()


def test_it_is_kept_up_while_it_is_used_and_left_alone_while_it_is_not(world: World) -> None:
    watch = Stopwatch()
    with counted(world, watch) as (mirror, asked):
        mirror.keep_up()
        assert asked == []
        mirror.lookup(KEY.thumbprint)
        mirror.lookup(KEY.thumbprint)
        first = len(asked)
        watch.now = 0.5
        mirror.keep_up()
        mirror.keep_up()
        assert asked[first:] == ["eth_getBlockByNumber"]
        watch.now = 1.4
        assert is_at_hand(mirror)


def test_the_node_is_asked_no_more_often_than_agreed(world: World) -> None:
    watch = Stopwatch()
    with counted(world, watch) as (mirror, asked):
        mirror.lookup(KEY.thumbprint)
        first = len(asked)
        mirror.lookup(KEY.thumbprint)
        assert len(asked) == first
        watch.now = 1.0
        mirror.lookup(KEY.thumbprint)
        assert asked[first:] == ["eth_getBlockByNumber"]


def test_another_chain_behind_the_url_is_refused_at_once(world: World) -> None:
    enrolled(world).add_key(KEY)
    expected = ChainIdentity(31337, seeded("another genesis", 32))
    reader = ChainReader(world.chain.url, expected=expected)
    mirror = a_mirror(world, reader)
    for _ in range(2):
        with pytest.raises(WrongChainError):
            mirror.lookup(KEY.thumbprint)
    reader.close()


def test_a_beginning_that_is_too_late_is_said_so(world: World) -> None:
    enrolled(world).add_key(KEY)
    last = world.client.head().number
    world.govern(end_organisation(EXPORTER))
    mirror = a_mirror(world, from_block=last + 1)
    with pytest.raises(UnavailableError, match="from_block"):
        mirror.refresh()


def test_a_chain_that_moves_while_it_is_read_is_read_again(world: World) -> None:
    enrolled(world).add_key(KEY)
    heads: list[int] = []

    def move(method: str, params: list[Any], truth: Any) -> object:
        if method == "eth_getBlockByNumber" and params[0] == "latest":
            heads.append(1)
            if len(heads) < 3:
                return {**truth, "hash": "0x" + seeded("a block that is gone", 32).hex()}
        return truth

    with a_lying_node(world.chain.url, move) as url:
        reader = ChainReader(url)
        assert a_mirror(world, reader).lookup(KEY.thumbprint) is not None
        assert len(heads) == 3
        reader.close()

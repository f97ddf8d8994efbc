"""SFTP: a device puts whole files into its own folder, and can do nothing else, with any client."""

import asyncio
import os
import subprocess
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import asyncssh
import pytest

from ledger.domain.errors import UsageError
from ledger.drops.sftp import HOST, Device, host_key, serving
from tests.builders import seeded
from tests.drops.place import Place

KEY = asyncssh.generate_private_key("ssh-ed25519")
OTHER = asyncssh.generate_private_key("ssh-ed25519")
DATA = seeded("upload", 300_000)


def public(key: asyncssh.SSHKey) -> str:
    return key.export_public_key().decode().strip()


class Gates:
    """Two drops with a device each, and a server for both."""

    def __init__(self, root: Path, **limits: int) -> None:
        self.root = root
        self.places = {}
        for user, key in (("gate", KEY), ("portal", OTHER)):
            (root / user).mkdir()
            place = Place(root / user)
            more = "".join(f"{name} = {value}\n" for name, value in limits.items())
            access = f'\n[sftp]\nuser = "{user}"\nkeys = ["{public(key)}"]\n{more}'
            place.settings.write_text(place.settings.read_text() + access)
            self.places[user] = place

    @property
    def gate(self) -> Place:
        return self.places["gate"]

    @asynccontextmanager
    async def serving(self) -> AsyncIterator[int]:
        devices = [Device.of(place.config) for place in self.places.values()]
        async with serving(devices, host_key(self.root / "host.key"), 0) as port:
            yield port

    @asynccontextmanager
    async def client(
        self, port: int, user: str = "gate", key: asyncssh.SSHKey = KEY
    ) -> AsyncIterator[asyncssh.SFTPClient]:
        trusted = asyncssh.read_private_key(self.root / "host.key").export_public_key().decode()
        known = asyncssh.import_known_hosts(f"[{HOST}]:{port} {trusted}")
        connection = await asyncssh.connect(
            HOST, port, username=user, client_keys=[key], known_hosts=known, config=None
        )
        self.connection = connection
        async with connection, connection.start_sftp_client() as sftp:
            yield sftp


@pytest.fixture
def gates(tmp_path: Path) -> Gates:
    return Gates(tmp_path)


def run(work: Callable[[], Awaitable[Any]]) -> Any:
    async def within() -> Any:
        return await asyncio.wait_for(work(), 60)

    return asyncio.run(within())


async def until(true: Callable[[], bool]) -> None:
    """Let the server do what it does after its answer."""
    while not true():
        await asyncio.sleep(0.001)


def test_what_a_device_puts_is_there_when_it_is_closed_and_not_before(gates: Gates) -> None:
    async def work() -> None:
        async with gates.serving() as port, gates.client(port) as sftp:
            async with sftp.open("MSKU1234565.n42", "wb") as file:
                await file.write(DATA[:1000])
                assert [name for name in gates.gate.left() if not name.startswith(".")] == []
                await file.write(DATA[1000:])
            await until(lambda: gates.gate.left() == ["MSKU1234565.n42"])

    run(work)
    assert (gates.gate.incoming / "MSKU1234565.n42").read_bytes() == DATA
    gates.gate.run()
    assert gates.gate.opened() == DATA


@pytest.mark.parametrize("how", ["aborted", "ended without closing"])
def test_an_upload_that_breaks_off_is_not_taken_and_goes_on(gates: Gates, how: str) -> None:
    async def work() -> None:
        async with gates.serving() as port:
            async with gates.client(port) as sftp:
                file = await sftp.open("MSKU1234565.n42", "wb")
                await file.write(DATA[:100_000])
                if how == "aborted":
                    gates.connection.abort()
                else:
                    sftp.exit()
                    await sftp.wait_closed()
            async with gates.client(port) as sftp:
                assert gates.gate.left() == [".MSKU1234565.n42.upload"]
                assert (await sftp.stat("MSKU1234565.n42")).size == 100_000
                async with sftp.open(
                    "MSKU1234565.n42", asyncssh.FXF_WRITE | asyncssh.FXF_CREAT, encoding=None
                ) as file:
                    await file.seek(100_000)
                    await file.write(DATA[100_000:])
                await until(lambda: gates.gate.left() == ["MSKU1234565.n42"])

    run(work)
    assert (gates.gate.incoming / "MSKU1234565.n42").read_bytes() == DATA


Doing = Callable[[asyncssh.SFTPClient], Awaitable[Any]]


async def put(sftp: asyncssh.SFTPClient, name: str, data: bytes = b"new") -> None:
    async with sftp.open(name, "wb") as file:
        await file.write(data)


FORBIDDEN: dict[str, Doing] = {
    "reading a file": lambda sftp: sftp.open("there.n42", "rb"),
    "reading and writing": lambda sftp: sftp.open("new.n42", "r+b"),
    "writing over a file": lambda sftp: put(sftp, "there.n42"),
    "adding to a file": lambda sftp: sftp.open("there.n42", "ab"),
    "removing a file": lambda sftp: sftp.remove("there.n42"),
    "renaming a file": lambda sftp: sftp.rename("there.n42", "elsewhere.n42"),
    "renaming over a file": lambda sftp: sftp.posix_rename("late.n42.part", "there.n42"),
    "a link": lambda sftp: sftp.symlink("/etc/passwd", "link.n42"),
    "a hard link": lambda sftp: sftp.link("there.n42", "hard.n42"),
    "reading a link": lambda sftp: sftp.readlink("outside.n42"),
    "a folder": lambda sftp: sftp.mkdir("folder"),
    "removing a folder": lambda sftp: sftp.rmdir("/"),
    "another device's folder": lambda sftp: put(sftp, "../../portal/in/x.n42"),
    "a path from the root": lambda sftp: put(sftp, "/etc/x.n42"),
    "a hidden name": lambda sftp: put(sftp, ".x.n42"),
    "the part of an upload": lambda sftp: put(sftp, ".there.n42.upload"),
    "a name that climbs": lambda sftp: put(sftp, ".."),
    "an escape in a name": lambda sftp: put(sftp, "x\x1b[2J.n42"),
    "a name that is too long": lambda sftp: put(sftp, "x" * 201),
    "looking above": lambda sftp: sftp.listdir(".."),
    "looking into another folder": lambda sftp: sftp.listdir("/etc"),
    "writing through a link": lambda sftp: put(sftp, "outside.n42"),
    "a file of a file system": lambda sftp: sftp.statvfs("/"),
}


@pytest.mark.parametrize("name", FORBIDDEN)
def test_a_device_can_do_nothing_else(gates: Gates, name: str) -> None:
    outside = gates.root / "outside"
    outside.write_bytes(b"untouched")
    gates.gate.put("there.n42", b"there")
    gates.gate.put("late.n42.part", b"late")
    (gates.gate.incoming / "outside.n42").symlink_to(outside)
    before = {path: path.lstat().st_mtime_ns for path in gates.root.rglob("*") if path.name != "host.key"}

    async def work() -> None:
        async with gates.serving() as port, gates.client(port) as sftp:
            with pytest.raises(asyncssh.SFTPError):
                await FORBIDDEN[name](sftp)

    run(work)
    after = {path: path.lstat().st_mtime_ns for path in gates.root.rglob("*") if path.name != "host.key"}
    assert after == before
    assert outside.read_bytes() == b"untouched"


STRANGERS: dict[str, tuple[str, asyncssh.SSHKey]] = {
    "another device's key": ("gate", OTHER),
    "a key of nobody": ("gate", asyncssh.generate_private_key("ssh-ed25519")),
    "a user who is none": ("root", KEY),
}


@pytest.mark.parametrize("name", STRANGERS)
def test_a_stranger_does_not_get_in(gates: Gates, name: str) -> None:
    user, key = STRANGERS[name]

    async def work() -> None:
        async with gates.serving() as port:
            with pytest.raises(asyncssh.PermissionDenied):
                async with gates.client(port, user, key):
                    pass

    run(work)


def test_there_is_no_shell_no_command_and_no_way_on(gates: Gates) -> None:
    async def work() -> None:
        async with gates.serving() as port, gates.client(port):
            connection = gates.connection
            for command in ("id", None):
                with pytest.raises(asyncssh.ChannelOpenError):
                    await connection.run(command, check=True)
            with pytest.raises(asyncssh.ChannelOpenError):
                await connection.open_connection(HOST, port)
            with pytest.raises(asyncssh.ChannelListenError):
                await connection.forward_remote_port("", 0, HOST, port)

    run(work)


def test_sizes_and_numbers_have_limits(tmp_path: Path) -> None:
    gates = Gates(tmp_path, max_bytes=1000, max_files=2)

    async def work() -> None:
        async with gates.serving() as port, gates.client(port) as sftp:
            with pytest.raises(asyncssh.SFTPError):
                await put(sftp, "large.n42", bytes(1001))
            with pytest.raises(asyncssh.SFTPError):
                async with sftp.open("far.n42", "wb") as file:
                    await file.write(b"x", offset=1 << 50)
            with pytest.raises(asyncssh.SFTPError):
                await put(sftp, "third.n42")

    run(work)
    assert not (gates.gate.incoming / "third.n42").exists()


@pytest.mark.parametrize("limit", ["max_seconds", "idle_seconds"])
def test_a_connection_ends_when_its_time_is_over(tmp_path: Path, limit: str) -> None:
    gates = Gates(tmp_path, **{limit: 1})

    async def work() -> None:
        async with gates.serving() as port, gates.client(port):
            await gates.connection.wait_closed()

    run(work)


def test_two_drops_of_one_user_are_refused(gates: Gates) -> None:
    async def work() -> None:
        device = Device.of(gates.gate.config)
        with pytest.raises(UsageError, match="same SFTP user"):
            async with serving([device, device], host_key(gates.root / "host.key"), 0):
                pass

    run(work)
    settings = gates.gate.settings
    settings.write_text(settings.read_text().replace("ssh-ed25519 ", "ssh-rot13 "))
    with pytest.raises(UsageError, match="ssh-keygen"):
        Device.of(gates.gate.config)


@pytest.mark.skipif(not os.path.exists("/usr/bin/sftp"), reason="there is no sftp program here")
def test_the_stock_program_puts_breaks_off_and_goes_on(gates: Gates, tmp_path: Path) -> None:
    source, identity, known = tmp_path / "scan.n42", tmp_path / "id", tmp_path / "known"
    source.write_bytes(DATA)
    identity.write_bytes(KEY.export_private_key())
    identity.chmod(0o600)
    # As a broken upload leaves it.
    (gates.gate.incoming / ".MSKU1234565.n42.upload").write_bytes(DATA[:70_000])

    async def work() -> None:
        async with gates.serving() as port:
            trusted = asyncssh.read_private_key(gates.root / "host.key").export_public_key().decode()
            known.write_text(f"[{HOST}]:{port} {trusted}")
            commands = f"reput {source} MSKU1234565.n42\nput -p {source} TGHU1234567.n42\nls -l\n"
            options = ["-o", f"UserKnownHostsFile={known}", "-o", "IdentitiesOnly=yes", "-F", "none"]
            command = [
                "/usr/bin/sftp",
                "-b",
                "-",
                "-i",
                str(identity),
                "-P",
                str(port),
                *options,
                f"gate@{HOST}",
            ]
            done = await asyncio.to_thread(
                subprocess.run, command, input=commands.encode(), capture_output=True, check=False, timeout=50
            )
            assert done.returncode == 0, done
            assert b"MSKU1234565.n42" in done.stdout
            await until(lambda: len([one for one in gates.gate.left() if not one.startswith(".")]) == 2)

    run(work)
    assert gates.gate.left() == ["MSKU1234565.n42", "TGHU1234567.n42"]
    assert {path.read_bytes() for path in gates.gate.incoming.iterdir()} == {DATA}

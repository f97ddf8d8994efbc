"""A whole story of evidence, killed in between; then all that is left of it is searched for plaintext."""

import asyncio
import socket
import tempfile
import zlib
from base64 import b64decode, b64encode
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import asyncssh
import pytest

from ledger.domain.evidence import EvidenceItem
from ledger.drops.settings_file import load
from ledger.drops.sftp import HOST, Device, host_key, serving
from ledger.verification.sealed import open_sealed, unwrap_secret
from tests.builders import CUSTOMS, EXPORTER, seeded
from tests.cli.corridor import corridor
from tests.integration.marked import files, mark
from tests.integration.plaintext import Found, Search, needles
from tests.integration.served import OPERATOR, SETTINGS, Served, served
from tests.integration.up import wait_for_receipt
from tests.integration.waiting import wait_until
from tests.tools.kubo import kubo

BROKEN_OFF = seeded("broken off", 3_000_000)
SEALED_HERE = ("scan.png", "licence.pdf", "manifest.json", "clip.mp4")
DROP = """
folder = "clear/in"
state = "state"
quarantine = "clear/quarantine"
taken = "clear/taken"
key = "{key}"
passphrase_file = "{passphrase}"
url = "{url}"
genesis = "{genesis}"
recipients = ["{recipient}"]
subject = "{subject}"
stream = "{stream}"
quiet_seconds = 0

[[rules]]
pattern = "*"
kind = "document"
category = "radiation"
media_type = "application/xml"
read = "if-possible"

[sftp]
user = "gate"
keys = ["{device}"]
"""


@dataclass
class Story:
    """What was told, and where it may have left something.

    Args:
        folder: All of it; what people keep in the clear lies in folders called `clear`.
        secrets: What must be nowhere, by name.
        left: What was found by searches while it went on.
    """

    folder: Path
    secrets: dict[str, list[bytes]] = field(default_factory=dict)
    left: list[Found] = field(default_factory=list)
    searched: int = 0

    @property
    def clear(self) -> list[Path]:
        """Where plaintext belongs."""
        return [path for path in self.folder.rglob("clear") if path.is_dir()]

    def look(self, there: Served | None = None) -> None:
        """Search all of it, and the processes of a ledger that runs."""
        search = Search(self.secrets)
        self.left += search.folder(self.folder, self.clear)
        if there is not None:
            self.left += search.process(there.up.process.pid)
        self.searched += search.searched


def opened(there: Served, item: EvidenceItem, wrapped: bytes) -> tuple[bytes, bytes]:
    """Return plaintext and secret of an item, as the reader opens it."""
    secret = unwrap_secret(wrapped, [there.reader])
    assert secret is not None
    stored = there.http.get(f"/v1/evidence/{item.cid}", headers=there.session(EXPORTER))
    assert stored.status_code == 200, stored.text
    plain = bytearray()
    open_sealed(item, secret, [stored.content], plain.extend)
    return bytes(plain), secret


def in_the_clear(story: Story, there: Served, subject: str) -> list[dict[str, Any]]:
    """Send every format in the clear, claim it, and have the operator read it; return the claims."""
    session, claims = there.session(EXPORTER), []
    for name, (data, media_type, category) in files().items():
        taken = there.took(data, session, media_type=media_type, category=category, name=name)
        story.secrets[f"the secret of {name}"] = [taken.secret.encode()]
        body = there.body(evidence=[taken.item.to_json()])
        claims.append(
            there.did(EXPORTER, "statement", "say", "document", "--subject", subject, "--body", body)
        )
        answer = there.read(session, taken, claims[-1]["id"])
        assert (answer.status_code, answer.json()["reason"]) == (201, None), answer.text
        made = answer.json()["renditions"]
        assert made, name
        for one in made:
            item = EvidenceItem.parse(one["item"])
            plain, secret = opened(there, item, b64decode(one["secrets"]))
            called = f"{item.name} of {name}"
            story.secrets[called] = needles(plain, called)
            story.secrets[f"the secret of {called}"] = [secret]
    return claims


def sealed_here(story: Story, there: Served, subject: str) -> dict[str, Path]:
    """Seal files on the client's machine, send and claim them, and read them there."""
    out = there.new("sealed")
    out.mkdir()
    for name in SEALED_HERE:
        data, media_type, category = files()[name]
        file = there.folder / "clear" / name
        file.write_bytes(data)
        body = there.new("claim.json")
        words = ("--media-type", media_type, "--category", category, "--recipient", there.recipient)
        there.did(EXPORTER, "evidence", "add", file, *words, "--out", out, "--body", body)
        said = there.did(EXPORTER, "statement", "say", "document", "--subject", subject, "--body", body)
        item = out / f"{name}.item.json"
        there.did(
            *(EXPORTER, "evidence", "read", file, "--item", item, "--statement", said["id"]),
            *("--subject", subject, "--recipient", there.recipient, "--out", out),
        )
    for wrapped in out.glob("*.secret.age"):
        secret = unwrap_secret(wrapped.read_bytes(), [there.reader])
        assert secret is not None
        story.secrets[f"the secret in {wrapped.name}"] = [secret]
    return {name: out / f"{name}.item.json" for name in SEALED_HERE}


def _kept(data: Path) -> list[Path]:
    return [path for path in (data / "evidence").rglob("*") if path.is_file()]


def begun(there: Served) -> socket.socket:
    """Send half of an item in the clear, and wait until the ledger has begun to keep it."""
    host, port = there.url.removeprefix("http://").split(":")
    connection = socket.create_connection((host, int(port)))
    head = {
        "Host": host,
        **there.session(EXPORTER),
        "Content-Type": "application/octet-stream",
        "Corridor-Recipients": there.recipient,
        "Content-Length": str(2 * len(BROKEN_OFF)),
    }
    lines = ["POST /v1/evidence?media_type=text/plain&category=paper HTTP/1.1"]
    lines += [f"{name}: {value}" for name, value in head.items()]
    before = sum(path.stat().st_size for path in _kept(there.data))
    connection.sendall("\r\n".join([*lines, "", ""]).encode() + BROKEN_OFF)
    wait_until(lambda: sum(path.stat().st_size for path in _kept(there.data)) > before + 500_000)
    return connection


def shared(story: Story, there: Served, subject: str, items: dict[str, Path]) -> None:
    """Share what was sealed with customs, who opens it and takes a dossier with all of it; then erase one."""
    there.did(EXPORTER, "stream", "grant", subject, "--member", CUSTOMS)
    words = ("--subject", subject, "--with", CUSTOMS, "--identity", there.identity)
    assert there.did(EXPORTER, "evidence", "share", *words)["shared"] >= len(items)
    for name, item in items.items():
        out = there.folder / "clear" / f"of-customs-{name}"
        there.did(CUSTOMS, "evidence", "get", item, "--identity", there.identity, "--out", out)
        assert out.read_bytes() == files()[name][0]
    out = there.new("dossier.zip")
    ran = there.run(CUSTOMS, "dossier", subject, "--evidence", "all", "--out", out)
    assert (ran.code, out.stat().st_size > len(files()["licence.pdf"][0])) == (0, True), ran
    erased = ("--because", "request", "--secrets", items["clip.mp4"].parent, "--yes")
    there.did(EXPORTER, "evidence", "erase", items["clip.mp4"], "--subject", subject, *erased)
    session = there.session(EXPORTER)

    def is_done() -> bool:
        answer = there.http.get(f"/v1/subjects/{subject}/erasures", headers=session)
        return bool(answer.json()["items"][0]["done_at"])

    wait_until(is_done)


def dropped(story: Story, there: Served, opened: dict[str, Any]) -> None:
    """Bring a portal's record by SFTP into a drop, and let it go to the ledger; once without the ledger."""
    place = story.folder / "drop"
    (place / "clear" / "in").mkdir(parents=True)
    device = asyncssh.generate_private_key("ssh-ed25519")
    settings = place / "drop.toml"
    there_is = DROP.format(
        key=there.key(EXPORTER),
        passphrase=there.folder / "passphrase",
        url=there.url,
        genesis=there.folder / "genesis.json",
        recipient=there.recipient,
        device=device.export_public_key().decode().strip(),
        subject=opened["subject"],
        stream=opened["stream"],
    )
    settings.write_text(there_is.replace(there.url, "http://127.0.0.1:9"))
    asyncio.run(_put(place, device, "portal.n42", files()["portal.n42"][0]))
    assert corridor("drop", "watch", settings, "--once").code == 4
    story.look()
    settings.write_text(there_is)
    ran = corridor("drop", "watch", settings, "--once", "--json")
    assert (ran.code, ran.json["on_record"]) == (0, 1), ran
    assert (place / "clear" / "taken" / "portal.n42").exists()


async def _put(place: Path, device: asyncssh.SSHKey, name: str, data: bytes) -> None:
    config = load(place / "drop.toml")
    async with serving([Device.of(config)], host_key(place / "host.key"), 0) as port:
        known = asyncssh.read_private_key(place / "host.key").export_public_key().decode().strip()
        trusted = asyncssh.import_known_hosts(f"[{HOST}]:{port} {known}")
        async with (
            asyncssh.connect(
                HOST, port, username="gate", client_keys=[device], known_hosts=trusted, config=None
            ) as connection,
            connection.start_sftp_client() as sftp,
            sftp.open(name, "wb") as file,
        ):
            await file.write(data)
        wanted = place / "clear" / "in" / name
        while not wanted.exists():
            await asyncio.sleep(0.01)


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Story]:
    folder = tmp_path_factory.mktemp("story")
    told = Story(folder)
    for name, (data, *_) in files().items():
        told.secrets[f"the mark of {name}"] = [mark(name)]
        told.secrets[name] = needles(data, name)
    told.secrets["what broke off"] = needles(BROKEN_OFF, "broken off", 100)
    with pytest.MonkeyPatch.context() as environment, ExitStack() as stack:
        for name in ("tmp", "remembered"):
            (folder / name).mkdir()
        environment.setenv("TMPDIR", str(folder / "tmp"))
        environment.setattr(tempfile, "tempdir", str(folder / "tmp"))
        environment.setenv("CORRIDOR_STATE", str(folder / "remembered"))
        environment.delenv("CORRIDOR_PASSPHRASE", raising=False)
        api = stack.enter_context(kubo(folder / "kubo"))
        log = stack.enter_context((folder / "log").open("wb"))
        settings = f'{SETTINGS}log_level = "DEBUG"\nevidence_stores = "local,ipfs"\nipfs_api = "{api}"\n'
        with served(folder, settings, log=log) as there:
            (there.folder / "clear").mkdir()
            trip = there.opened(EXPORTER)
            there.did(EXPORTER, "stream", "grant", trip["subject"], "--member", OPERATOR)
            claims = in_the_clear(told, there, trip["subject"])
            told.look(there)
            with begun(there):
                told.look(there)
                wait_for_receipt(there.data, bytes.fromhex(claims[-1]["id"]))
                there.up.kill()
            told.look()
        with served(folder, settings, log=log) as there:
            for who in (EXPORTER, CUSTOMS):
                number = who.removeprefix("https://").partition(".")[0].upper()
                own = there.opened(who, number, "organisation")["subject"]
                key = ("--subject", own, "--recipient", there.recipient)
                there.did(who, "organisation", "encryption-key", *key)
            items = sealed_here(told, there, trip["subject"])
            shared(told, there, trip["subject"], items)
            dropped(told, there, there.opened(EXPORTER, "TGHU1234567"))
            told.look(there)
            there.up.stop()
        told.look()
        yield told


def test_nothing_that_anybody_sealed_is_anywhere_in_the_clear(story: Story) -> None:
    assert story.left == []
    assert story.searched > 20_000_000


@pytest.mark.parametrize("where", ["data/ledger.db", "data/evidence", "kubo", "tmp", "log", "drop/state"])
def test_it_would_have_been_found_there(story: Story, where: str) -> None:
    assert (story.folder / where).exists()
    for form in (bytes, b64encode, zlib.compress):
        path = story.folder / where
        planted = (path if path.is_dir() else path.parent) / "planted"
        planted.write_bytes(b"x" + form(b"as said in " + mark("licence.pdf") + b" before"))
        found = Search({"mark": [mark("licence.pdf")]}).folder(story.folder, story.clear)
        assert {one.where.partition(" > ")[0] for one in found} == {str(planted)}
        planted.unlink()


def test_everything_was_there_to_be_found(story: Story) -> None:
    found = {one.secret for path in story.clear for one in Search(story.secrets).folder(path)}
    assert {*SEALED_HERE, "portal.n42"} <= found

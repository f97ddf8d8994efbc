"""A second client: signs, submits, follows and checks statements; written from the pages under docs/ alone.

It needs Python's standard library, `cryptography` and `cbor2`, and shares no code with the ledger. One round,
for an organisation whose admin account has added the key to the registry (docs/participants.md, section 3):

    second_client.py key port.pem
    second_client.py open trip MSKU1234565 --secret trip.secret --out opened.statement $WHO
    second_client.py say seal-check --stream trip.secret --body body.json --conceal remarks \\
        --out seal.statement $WHO
    second_client.py follow seal.statement $WHO
    second_client.py fetch seal.statement --out proof $WHO
    second_client.py check seal.statement --proof proof --genesis genesis.json

where WHO is `--to URL --genesis genesis.json --key port.pem --iss https://port.example`. The genesis document
is what is trusted: get it from the log's operator by another way than from this service.

Exit code 0: done, all holds. 1: something does not hold. 2: wrong use, or a file that cannot be read or
written. 3: the service refused, or could not be reached.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from second_proof import (
    Checkpoint,
    Genesis,
    check_consistency,
    consistency_path,
    read_checkpoint,
    read_genesis,
    read_receipt,
    root_of_inclusion,
)
from second_service import STATES, Refused, Service, plain
from second_signing import (
    ISS,
    SUB,
    Signer,
    Wrong,
    conceal,
    cose_key,
    load_key,
    new_key,
    new_subject,
    read_json,
    read_stream,
    sha256,
    write_statement,
)
from second_statement import read_statement

RECEIPT, CHECKPOINT, CONSISTENCY, SIGNER = "receipt.cose", "checkpoint", "consistency", "signer.cose"


def write_new(path: Path, data: bytes) -> None:
    """Write a file that is not there yet, for its owner only."""
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def genesis_of(arguments: argparse.Namespace) -> Genesis:
    return read_genesis(arguments.genesis.read_bytes())


def service_of(arguments: argparse.Namespace, genesis: Genesis) -> Service:
    signer = Signer(load_key(arguments.key.read_bytes()), arguments.iss, genesis.audience)
    return Service(arguments.to, signer, arguments.patience)


def run_key(arguments: argparse.Namespace) -> None:
    """Make a key unless it is there, and show its public half."""
    if not arguments.file.exists():
        write_new(arguments.file, new_key())
    public = cose_key(load_key(arguments.file.read_bytes()).public_key())
    print(f"thumbprint  {sha256(public).hex()}\ncose_key    {public.hex()}")


def sign(arguments: argparse.Namespace, service: Service, genesis: Genesis, payload: dict[str, Any]) -> bytes:
    """Return the file of a statement about what the newest checkpoint covers, and what is said now."""
    note = service.checkpoint()
    seen = Checkpoint(0, genesis.hash) if note is None else read_checkpoint(note, genesis)
    body, disclosures = conceal(payload["body"], arguments.conceal)
    whole = {"v": 1, "references": [], "_sd_alg": "sha-256", "nonce": os.urandom(16).hex()} | payload
    whole |= {"seen": {"size": seen.size, "root": seen.root.hex()}, "body": body}
    assert service.signer is not None
    return write_statement(service.signer.statement(whole, int(time.time())), disclosures)


def send(arguments: argparse.Namespace, service: Service) -> None:
    """Submit a statement file, and say what became of it."""
    file = arguments.out.read_bytes()
    statement = read_statement(file)
    told = service.submit(statement.raw if arguments.bare else file, bare=arguments.bare)
    if told.id != statement.id:
        raise Wrong("the service registered another statement than the one that was sent")
    print(f"id          {statement.id}\nindex       {told.index}")
    print("registered  before, nothing changed" if told.duplicate else "registered  now")
    for warning in told.warnings:
        print(f"warning     {warning}")


def run_open(arguments: argparse.Namespace) -> None:
    """Open a subject, with a new custody stream."""
    genesis = genesis_of(arguments)
    service = service_of(arguments, genesis)
    subject, tag, stream = new_subject(arguments.type, arguments.number, arguments.iss)
    payload = {"kind": "subject-opened", "subjects": [subject], "streams": [tag], "body": {}}
    file = sign(arguments, service, genesis, payload)
    # Who loses the secret can let nobody in: it is on the disk before anything is sent.
    write_new(arguments.secret, stream)
    write_new(arguments.out, file)
    print(f"subject     {subject}")
    send(arguments, service)


def run_say(arguments: argparse.Namespace) -> None:
    """Say something of a subject, in a stream whose secret you have."""
    genesis = genesis_of(arguments)
    service = service_of(arguments, genesis)
    subject, tag = read_stream(arguments.stream.read_bytes())
    body = read_json(arguments.body.read_bytes(), str(arguments.body))
    references = [{"rel": rel, "id": identifier} for rel, identifier in arguments.reference]
    payload = {"kind": arguments.kind, "subjects": [subject], "streams": [tag], "body": body}
    # When the answer is lost, the file is there to be sent again.
    write_new(arguments.out, sign(arguments, service, genesis, payload | {"references": references}))
    send(arguments, service)


def run_send(arguments: argparse.Namespace) -> None:
    """Submit a statement file (again): no key is needed."""
    send(arguments, Service(arguments.to, None, arguments.patience))


def run_login(arguments: argparse.Namespace) -> None:
    """Open a session and say whose it is."""
    organisation, roles = service_of(arguments, genesis_of(arguments)).login()
    print(f"organisation  {organisation}\nroles         {', '.join(roles)}")


def run_follow(arguments: argparse.Namespace) -> None:
    """Say how far a statement comes, until it is as far as asked."""
    statement = read_statement(arguments.file.read_bytes())
    service = service_of(arguments, genesis_of(arguments))
    for state in service.states(statement.id, arguments.until):
        print(state, flush=True)


def run_fetch(arguments: argparse.Namespace) -> None:
    """Fetch the receipt of a statement, and what else is needed to check it, into a new folder."""
    genesis = genesis_of(arguments)
    statement = read_statement(arguments.file.read_bytes())
    service = service_of(arguments, genesis)
    receipt = service.receipt(statement.id)
    size = read_receipt(receipt, genesis, statement.claims[SUB]).size
    note = service.checkpoint()
    if note is None:
        raise Refused("the service gives a receipt, and no checkpoint")
    path = consistency_path(size, read_checkpoint(note, genesis).size, service.tile)
    key = cose_key(load_key(arguments.key.read_bytes()).public_key())
    if sha256(key) != statement.kid:
        key = service.key_of(statement.claims[ISS], statement.kid)
    arguments.out.mkdir()
    fetched = {RECEIPT: receipt, CHECKPOINT: note, CONSISTENCY: b"".join(path), SIGNER: key}
    for name, data in fetched.items():
        write_new(arguments.out / name, data)
    print(f"fetched into {arguments.out}: {', '.join(fetched)}")


@contextmanager
def step(name: str) -> Iterator[None]:
    """Report a step of the check, or name it in what is wrong."""
    try:
        yield
    except Wrong as error:
        raise Wrong(f"{name}: {error}") from None
    print(f"ok  {name}")


def run_check(arguments: argparse.Namespace) -> None:
    """Check a receipt offline: of the log only the genesis document is trusted, of the receipt nothing."""
    genesis = genesis_of(arguments)
    held = {
        name: (arguments.proof / name).read_bytes() for name in (RECEIPT, CHECKPOINT, CONSISTENCY, SIGNER)
    }
    with step("(1) statement: signed by the key that it names, for this log"):
        statement = read_statement(arguments.file.read_bytes())
        statement.check(held[SIGNER], genesis.audience)
    with step("(2) receipt: names this log, its receipt key and this subject"):
        receipt = read_receipt(held[RECEIPT], genesis, statement.claims[SUB])
    with step("(3) checkpoint: signed by the log key"):
        checkpoint = read_checkpoint(held[CHECKPOINT], genesis)
    with step("(4) inclusion: the path leads from the statement to a root that the checkpoint covers"):
        root = root_of_inclusion(statement.entry, receipt.index, receipt.size, receipt.path)
        path = held[CONSISTENCY]
        hashes = [path[at : at + 32] for at in range(0, len(path), 32)]
        check_consistency(Checkpoint(receipt.size, root), checkpoint, hashes)
    with step("(5) signature: the receipt key signed that root"):
        receipt.check_signature(root, genesis)
    print(f"OK: {genesis.origin} holds statement {statement.id} at index {receipt.index}.")
    revealed = ", ".join(statement.revealed) or "nothing"
    print(plain(f"{statement.claims[ISS]} says {statement.payload.get('kind')}; disclosed: {revealed}"))
    print("Not checked: that the key is in the registry, witnesses, the anchor. `corridor verify` does.")


def parser() -> argparse.ArgumentParser:
    """Describe the command line."""
    whole = argparse.ArgumentParser(
        prog="second_client.py", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    commands = whole.add_subparsers(title="commands", required=True, metavar="COMMAND")

    def command(name: str, run: Any, *, service: bool = True, signs: bool = True) -> argparse.ArgumentParser:
        made = commands.add_parser(name, help=run.__doc__, description=run.__doc__)
        made.set_defaults(run=run, conceal=[], bare=False)
        if service:
            made.add_argument("--to", required=True, metavar="URL", help="where the ledger is served")
            made.add_argument("--patience", type=float, default=600, help="seconds to wait (600)")
        if signs:
            made.add_argument("--genesis", type=Path, required=True, help="genesis document of the log")
        if service and signs:
            made.add_argument("--key", type=Path, required=True, help="P-256 key in PEM")
            made.add_argument("--iss", required=True, metavar="URI", help="your organisation")
        return made

    command("key", run_key, service=False, signs=False).add_argument("file", type=Path)
    opens = command("open", run_open)
    opens.add_argument("type", choices=("trip", "consignment", "booking", "voyage", "organisation"))
    opens.add_argument("number", help="container number, bill of lading, …")
    opens.add_argument(
        "--secret", type=Path, required=True, help="file to write: who has it may read and file"
    )
    say = command("say", run_say)
    say.add_argument("kind", help="what is said, such as seal-check")
    say.add_argument("--stream", type=Path, required=True, help="stream file, as `open` writes it")
    say.add_argument("--body", type=Path, required=True, help="JSON object: what is said")
    say.add_argument("--conceal", action="append", default=[], metavar="NAME", help="sign a digest of it")
    say.add_argument("--reference", nargs=2, action="append", default=[], metavar=("REL", "ID"))
    for made in (opens, say):
        made.add_argument("--out", type=Path, required=True, help="statement file to write")
    sends = command("send", run_send, signs=False)
    sends.add_argument("out", type=Path, metavar="file", help="statement file")
    for made in (say, sends):
        made.add_argument("--bare", action="store_true", help="send the signed bytes without any disclosure")
    command("login", run_login)
    follow = command("follow", run_follow)
    follow.add_argument("--until", choices=STATES, default="final")
    fetch = command("fetch", run_fetch)
    fetch.add_argument("--out", type=Path, required=True, help="folder to make")
    check = command("check", run_check, service=False)
    check.add_argument("--proof", type=Path, required=True, help="folder that `fetch` made")
    for made in (follow, fetch, check):
        made.add_argument("file", type=Path, help="statement file")
    return whole


def main() -> int:
    """Run a command, and return its exit code."""
    arguments = parser().parse_args()
    try:
        arguments.run(arguments)
    except Wrong as error:
        print(f"failed: {error}", file=sys.stderr)
        return 1
    except OSError as error:
        print(f"cannot read or write {error.filename}: {error.strerror}", file=sys.stderr)
        return 2
    except UnicodeEncodeError:
        print("an argument is not text in UTF-8", file=sys.stderr)
        return 2
    except Refused as error:
        print(f"not done: {error}", file=sys.stderr)
        return 3
    return 0


if __name__ == "__main__":
    sys.exit(main())

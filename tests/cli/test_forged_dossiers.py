"""Forged dossiers: a verdict, exit code 1, and the check that stops them; nothing half-written."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from ledger.domain import strict_cbor
from ledger.domain.cose import Sign1, sig_structure
from ledger.verification.dossier import Dossier, LoggedStatement
from tests.builders import EXPORTER, ORIGIN_PORT, Trip, a_genesis, a_signer, a_trip, an_author, seeded
from tests.cli.hostile import noise, small, verified
from tests.verification.factory import World, packed

Case = tuple[World, Dossier]


def changed(at: int, raw: bytes, disclosures: Sequence[str] = ()) -> Case:
    """Return the small dossier with other bytes for one of its statements."""
    world, trip = small()
    dossier = world.dossier(trip)
    statements = list(dossier.statements)
    statements[at] = replace(statements[at], raw=raw, disclosures=tuple(disclosures))
    return world, replace(dossier, statements=tuple(statements))


def other(**members: bytes) -> Case:
    """Return the small dossier with other bytes for some of its members."""
    world, trip = small()
    return world, replace(world.dossier(trip), **members)  # type: ignore[arg-type]


def statement(at: int) -> LoggedStatement:
    return small()[0].dossier(small()[1]).statements[at]


def with_header(change: Callable[[dict[int, Any]], object], *, seed: object = EXPORTER) -> bytes:
    """Return the second statement with another header, signed by its author's own key."""
    sign1 = Sign1.parse(statement(1).raw)
    header = dict(strict_cbor.loads(sign1.protected))
    change(header)
    protected = strict_cbor.dumps(dict(sorted(header.items())))
    return Sign1(
        protected, sign1.payload, a_signer(seed).sign(sig_structure(protected, sign1.payload))
    ).encode()


def with_payload(change: Callable[[bytes], bytes]) -> bytes:
    """Return the second statement with another payload, signed by its author's own key."""
    sign1 = Sign1.parse(statement(1).raw)
    payload = change(sign1.payload)
    return Sign1(
        sign1.protected, payload, a_signer(EXPORTER).sign(sig_structure(sign1.protected, payload))
    ).encode()


def swapped_signatures() -> Case:
    one, other = (Sign1.parse(statement(at).raw) for at in (1, 4))
    mixed = Sign1(one.protected, one.payload, other.signature).encode()
    return changed(1, mixed)


def logged(say: Callable[[World, Trip], object]) -> Callable[[], Case]:
    """Return a dossier of a world in which something was really logged, as an operator can."""

    def make() -> Case:
        world = World()
        trip = a_trip()
        world.opens(trip)
        say(world, trip)
        world.checkpoint()
        return world, world.dossier(trip)

    return make


def of_another_log(world: World, trip: Trip) -> None:
    author = an_author(EXPORTER, genesis=a_genesis("log.corridor.example/other"))
    world.submit(author.says("manifest", trip, iat=world.now))


def of_another_contract(world: World, trip: Trip) -> None:
    genesis = a_genesis(chain_genesis=world.chain.genesis, anchor=seeded("another anchor", 20))
    world.submit(an_author(EXPORTER, genesis=genesis).says("manifest", trip, iat=world.now))


def by_another_key(world: World, trip: Trip) -> None:
    world.authors[ORIGIN_PORT].signer = a_signer("stolen")
    world.says("gate-passage", trip, by=ORIGIN_PORT)


REJECTED: dict[str, tuple[Callable[[], Case], str]] = {
    "algorithm: none": (lambda: changed(1, with_header(lambda header: header.update({1: 0}))), "signature"),
    "algorithm: none, in words": (
        lambda: changed(1, with_header(lambda header: header.update({1: "none"}))),
        "signature",
    ),
    "algorithm: unknown": (
        lambda: changed(1, with_header(lambda header: header.update({1: -49}))),
        "signature",
    ),
    "algorithm: of another kind of key": (
        lambda: changed(1, with_header(lambda header: header.update({1: -8}))),
        "signature",
    ),
    "algorithm: absent": (lambda: changed(1, with_header(lambda header: header.pop(1))), "signature"),
    "signatures: swapped": (swapped_signatures, "signature"),
    "signatures: by another key": (
        lambda: changed(1, with_header(lambda _: None, seed="forger")),
        "signature",
    ),
    "kid: of another key": (
        lambda: changed(
            1, with_header(lambda header: header.update({4: a_signer(ORIGIN_PORT).key.thumbprint}))
        ),
        "signature",
    ),
    "kid: of nobody": (
        lambda: changed(1, with_header(lambda header: header.update({4: bytes(32)}))),
        "signature",
    ),
    "kid: short": (lambda: changed(1, with_header(lambda header: header.update({4: b"key"}))), "signature"),
    "typ: of a login": (
        lambda: changed(
            1, with_header(lambda header: header.update({16: "application/vnd.corridor-ledger.login+cose"}))
        ),
        "signature",
    ),
    "typ: of a receipt": (
        lambda: changed(1, with_header(lambda header: header.update({16: "application/scitt-receipt+cose"}))),
        "signature",
    ),
    "header: a label more": (
        lambda: changed(1, with_header(lambda header: header.update({33: b""}))),
        "signature",
    ),
    "payload: a member twice": (
        lambda: changed(1, with_payload(lambda payload: payload[:-1] + b',"kind":"scan"}')),
        "signature",
    ),
    "payload: NaN": (
        lambda: changed(1, with_payload(lambda payload: payload.replace(b"1500", b"NaN"))),
        "signature",
    ),
    "payload: an infinity": (
        lambda: changed(1, with_payload(lambda payload: payload.replace(b"1500", b"1e999"))),
        "signature",
    ),
    "payload: 10 MB": (
        lambda: changed(
            1, with_payload(lambda payload: payload.replace(b"1500", b'"' + b"x" * 10_000_000 + b'"'))
        ),
        "signature",
    ),
    "payload: a bomb of brackets": (
        lambda: changed(1, with_payload(lambda payload: payload.replace(b"1500", b"[" * 100_000))),
        "signature",
    ),
    "payload: not the one that was logged": (
        lambda: changed(1, with_payload(lambda payload: payload.replace(b"1500", b"1501"))),
        "inclusion",
    ),
    "COSE: truncated": (lambda: changed(1, statement(1).raw[:-1]), "signature"),
    "COSE: untagged": (lambda: changed(1, statement(1).raw[1:]), "signature"),
    "COSE: of indefinite length": (
        lambda: changed(1, b"\xd2\x9f" + statement(1).raw[2:] + b"\xff"),
        "signature",
    ),
    "COSE: with an unprotected header": (
        lambda: changed(1, statement(1).raw.replace(b"\xa0\x59", b"\xa1\x01\x26\x59", 1)),
        "signature",
    ),
    "COSE: random": (lambda: changed(1, noise(7, 300)), "signature"),
    "disclosure: matches nothing": (
        lambda: changed(1, statement(1).raw, ["WyJBQUFBQUFBQUFBQUFBQUFBQUFBQUFBIiwicHJpY2UiLDFd"]),
        "signature",
    ),
    "disclosure: nonsense": (lambda: changed(1, statement(1).raw, ["price"]), "signature"),
    "statement: of another log": (logged(of_another_log), "signature"),
    "statement: of another contract": (logged(of_another_contract), "signature"),
    "statement: by a key that is not registered": (logged(by_another_key), "authority"),
    "statement: from the future": (
        logged(lambda world, trip: world.says("manifest", trip, iat=world.now + 86_400)),
        "time",
    ),
    "statement: by an organisation without the role": (
        logged(lambda world, trip: world.says("decision", trip, by=ORIGIN_PORT)),
        "authority",
    ),
    "log: another genesis document": (lambda: other(genesis=a_genesis().document), "readable"),
    "log: a genesis document with a member twice": (
        lambda: other(genesis=small()[0].genesis.document[:-1] + b',"origin":"other.example/log"}'),
        "readable",
    ),
    "log: a target of another log": (lambda: other(target=b"other.example/log\n8\nAAAA\n\n"), "inclusion"),
    "profile: other rules": (lambda: other(profile=b"[corridor]"), "readable"),
}


@pytest.mark.parametrize("name", REJECTED)
def test_a_forged_dossier_gets_a_verdict_and_1_by_the_check_that_stops_it(tmp_path: Path, name: str) -> None:
    make, check = REJECTED[name]
    world, dossier = make()
    trust = world.trust().encode()
    ran = verified(tmp_path, packed(dossier), "--json", trust=trust)
    assert (ran.code, ran.err, ran.json["outcome"]) == (1, "", "rejected"), ran.text
    statuses = {one["name"]: one["status"] for one in ran.json["checks"]}
    assert statuses[check] == "failed", ran.text
    for_people = verified(tmp_path, packed(dossier), trust=trust)
    assert (for_people.code, for_people.err) == (1, "")
    assert all(line.isprintable() for line in for_people.text.splitlines())


def test_the_dossier_that_is_changed_above_is_accepted_as_it_was(tmp_path: Path) -> None:
    world, trip = small()
    assert verified(tmp_path, packed(world.dossier(trip))).code == 0

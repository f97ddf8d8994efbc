"""One container trip made by hand: two organisations, four statements, two checkpoints, one chain state.

A test changes the attributes of a `Scene` before `members()`, or the members before `pack`.
"""

import copy
import json
from typing import Any

import cbor2

from tests.examples.by_hand import (
    NoteKey,
    Signer,
    after,
    b64url,
    base64_of,
    consistency,
    h,
    inclusion,
    integer,
    k,
    map_proof,
    map_root,
    pack,
    rlp,
    slot,
    storage,
    tree,
    trie,
    word,
)

ORIGIN = "log.example.org/corridor"
CHAIN, CHAIN_GENESIS = 31337, b"\x77" * 32
REGISTRY, ANCHOR, CODE = b"\x01" * 20, b"\x02" * 20, b"\xc0" * 32
PROFILE = b"""
[corridor]
id = "test"
version = 1
title = "Two roles"
[roles.exporter]
title = "Exporter"
[roles.carrier]
title = "Carrier"
[kinds.subject-opened]
roles = ["exporter"]
[kinds.packing]
roles = ["exporter"]
[kinds.hand-over]
roles = ["exporter", "carrier"]
"""
EXPORTER, CARRIER = "https://exporter.example", "https://carrier.example"
NOW = 7_000
CID = "bafkreifzjut3te2nhyekklss27nh3k72ysco7y32koao5eei66wof36n5e"  # of STORED, as every IPFS node names it
STORED = b"hello world"


class Scene:
    def __init__(self) -> None:
        self.exporter, self.carrier = Signer(EXPORTER, 11), Signer(CARRIER, 12, edwards=True)
        self.receipt_key = Signer("https://" + ORIGIN, 13)
        self.log_key = NoteKey(ORIGIN, 1, 21)
        self.witnesses = [NoteKey(f"witness{n}.example", 4, 30 + n) for n in range(3)]
        self.cosigner = NoteKey("index.example", 4, 40)
        self.witness_times = {4: [4_900, 5_200, 5_100], 7: [6_100, 6_300, 6_200]}
        self.iats = [1_000, 5_500]
        self.cosigned = True
        genesis: dict[str, Any] = {"format": "corridor-genesis/1", "origin": ORIGIN, "created": 1}
        genesis["chain"] = {"id": CHAIN, "genesis": "0x" + CHAIN_GENESIS.hex()}
        genesis["contracts"] = dict.fromkeys(("registry", "anchor", "inclusion"), "0x" + "01" * 20)
        genesis |= {"log_key": self.log_key.vkey, "receipt_key": b64url(self.receipt_key.cose)}
        self.genesis = json.dumps(genesis | {"profile": h(PROFILE).hex()}).encode()
        self.audience = "ni:///sha-256;" + b64url(h(self.genesis))
        self.tag = h(b"corridor/stream/v1", bytes(range(16)))
        name = b"\0".join([b"corridor/subject/v1", b"trip", b"XXXU5001230", EXPORTER.encode(), self.tag])
        self.subject = f"urn:corridor:trip:XXXU5001230:{h(name).hex()}"
        self.disclosures = [b64url(json.dumps([b64url(bytes(16)), "seal", "H123"]).encode())]
        item = {
            "commitment": "0" * 64,
            "cid": CID,
            "size": 3,
            "media_type": "text/plain",
            "category": "manifest",
        }
        packing = {
            "_sd": [b64url(h(self.disclosures[0].encode())), b64url(h(b"withheld"))],
            "evidence": [item],
        }
        terms = {"format": "corridor-terms/1", "from": EXPORTER, "to": CARRIER, "subjects": [self.subject]}
        agreed = json.dumps(
            terms | {"place": "GTPBR", "at": "2026-11-07T01:40:00Z", "remarks": [], "nonce": "00" * 16}
        )
        over = {"terms": h(agreed.encode()).hex(), "result": "accepted", "agreed": agreed}
        self.first: list[tuple[Signer, dict[str, Any]]] = [
            (self.exporter, self.payload("subject-opened", {})),
            (self.exporter, self.payload("packing", packing)),
        ]
        self.then: list[tuple[Signer, dict[str, Any]]] = [
            (self.exporter, self.payload("hand-over", over | {"role": "giver"})),
            (self.carrier, self.payload("hand-over", over | {"role": "taker"})),
        ]
        self.sign_changes: dict[str, Any] = {}
        self.left_out_of_map: set[int] = set()
        self.anchors = {4: (10, 5_000), 7: (20, 6_000)}
        self.keys = {each.kid: (each.iss, 5, 0, 0) for each in (self.exporter, self.carrier)}
        self.organisations = {EXPORTER: (2, 0), CARRIER: (2, 0)}
        self.roles = {(EXPORTER, "exporter"): [(1, 2), (5, 0)], (CARRIER, "carrier"): [(6, 0)]}
        self.use = 1
        self.last_good: int | None = None
        self.stored = STORED

    def payload(self, kind: str, body: dict[str, Any]) -> dict[str, Any]:
        seen = {"size": 0, "root": h(self.genesis).hex()}
        common = {"v": 1, "subjects": [self.subject], "streams": [self.tag.hex()], "references": []}
        rest = {"kind": kind, "seen": seen, "nonce": "00" * 16, "body": body, "_sd_alg": "sha-256"}
        return common | rest

    def note(self, size: int) -> bytes:
        text = f"{ORIGIN}\n{size}\n{base64_of(tree(self.leaves[:size]))}\n"
        lines = self.log_key.line(text)
        if self.cosigned:
            lines += "".join(
                key.line(text, at)
                for key, at in zip(self.witnesses, self.witness_times[4 if size == 4 else 7], strict=True)
            )
            lines += self.cosigner.line(text, 6_050)
        return f"{text}\n{lines}".encode()

    def append(self, batch: list[tuple[Signer, dict[str, Any]]]) -> None:
        for signer, payload in batch:
            iat = self.iats[len(self.entries) >= 4]
            statement = signer.statement(payload, self.audience, **{"iat": iat} | self.sign_changes)
            tags = [bytes.fromhex(tag) for tag in payload["streams"]]
            entry = b"\1" + h(statement) + len(tags).to_bytes(2, "big") + b"".join(tags)
            self.statements[len(self.entries)] = (statement, payload["kind"] == "packing")
            self.entries.append(entry)
        self.entries.append(b"\2" + self.map_at(len(self.entries)))
        self.leaves = [h(b"\0", entry) for entry in self.entries]

    def map_at(self, size: int) -> bytes:
        self.map_leaves: dict[bytes, bytes] = {
            h(b"another"): h(b"\x10", h(b"another"), bytes(7), b"\1", bytes(32))
        }
        self.shown: dict[bytes, bytes] = {}
        self.count, running = 0, bytes(32)
        for index, entry in enumerate(self.entries[:size]):
            if entry[0] == 1 and index not in self.left_out_of_map:
                self.count += 1
                running = h(b"\x12", running, index.to_bytes(8, "big"), entry)
        self.shown[self.tag] = self.tag + self.count.to_bytes(8, "big") + running
        self.map_leaves[self.tag] = h(b"\x10", self.shown[self.tag])
        return map_root(self.map_leaves)

    def members(self) -> dict[str, bytes]:
        self.entries, self.statements = [b"\0" + h(self.genesis)], dict[int, tuple[bytes, bool]]()
        self.append(self.first)
        seen = {"size": len(self.entries), "root": tree(self.leaves).hex()}
        self.append([(signer, copy.deepcopy(payload) | {"seen": seen}) for signer, payload in self.then])
        size = len(self.entries)
        statements = [
            [index, raw, self.disclosures * packed, inclusion(self.leaves, index)]
            for index, (raw, packed) in self.statements.items()
        ]
        keys = sorted((self.exporter.cose, self.carrier.cose), key=h)
        proof = map_proof(self.map_leaves, self.tag, self.shown)
        content: dict[str, Any] = {
            "keys.cbor": keys,
            "statements.cbor": statements,
            "checkpoints.cbor": [[self.note(4), consistency(self.leaves, 4)]],
            "map.cbor": [self.entries[-1][1:], inclusion(self.leaves, size - 1), [[self.tag, proof]]],
            "anchors.cbor": [[each, *self.anchors[each]] for each in sorted(self.anchors)],
            "chain.cbor": [self.state()],
        }
        return {name: cbor2.dumps(value) for name, value in content.items()} | {
            "genesis.json": self.genesis,
            "profile.toml": PROFILE,
            "target.checkpoint": self.note(size),
            f"evidence/{CID}": self.stored,
        }

    def state(self) -> list[Any]:
        """The state after block 25, and block 26, which the trust file pins."""
        nodes: dict[bytes, bytes] = {}
        origin, registry = h(ORIGIN.encode()), list[tuple[bytes, int]]()
        anchors = [(slot(origin, 1), (self.last_good is not None) << 224 | 7 << 160 | 99)]
        if self.last_good is not None:
            anchors.append((after(slot(origin, 2), 1), 24 << 64 | self.last_good))
        for size, (number, moment) in self.anchors.items():
            record = k(tree(self.leaves[:size]), word(number), word(moment))
            anchors.append((slot(word(size), slot(origin, 0)), int.from_bytes(record, "big")))
        for iss, (start, ended) in self.organisations.items():
            registry.append((slot(h(iss.encode()), 1), ended << 208 | start << 160 | 99))
        for kid, (iss, start, ended, suspect) in self.keys.items():
            registry.append((slot(kid, 3), int.from_bytes(h(iss.encode()), "big")))
            registry.append((after(slot(kid, 3), 1), self.use << 192 | suspect << 128 | ended << 64 | start))
        for (iss, role), intervals in self.roles.items():
            place = slot(k(role.encode()), slot(h(iss.encode()), 2))
            registry.append((place, len(intervals)))
            found = enumerate(intervals)
            registry += [(after(k(place), n), ended << 64 | start) for n, (start, ended) in found]
        accounts = {
            address: rlp([b"\1", b"", trie(storage(values), nodes), CODE])
            for address, values in ((REGISTRY, registry), (ANCHOR, anchors))
        }
        fields = [bytes(32)] * 3 + [trie(accounts, nodes)] + [bytes(32)] * 4 + [integer(25)] + [b""] * 2
        header = rlp([*fields, integer(6_500), b"", bytes(32), bytes(8)])
        child = [k(header), *fields[1:8], integer(26), b"", b"", integer(6_501), b"", bytes(32), bytes(8)]
        self.pinned = k(rlp(child))
        return [CHAIN, CHAIN_GENESIS, header, [rlp(child)], [nodes[each] for each in sorted(nodes)]]

    def receipt(self, index: int) -> bytes:
        size, path = len(self.entries), inclusion(self.leaves, index)
        claims = {1: "https://" + ORIGIN, 2: self.subject}
        header = {1: -7, 4: self.receipt_key.kid, 15: claims, 16: "application/scitt-receipt+cose", 395: 1}
        outside = {396: {-1: [cbor2.dumps([size, index, path])]}}
        return self.receipt_key.sign1(header, tree(self.leaves), outside, None)

    def manifest(self, **changes: Any) -> dict[str, Any]:
        covered = {"subject": self.subject, "name": "custody", "tag": self.tag.hex(), "count": self.count}
        manifest: dict[str, Any] = {
            "format": "corridor-dossier/1",
            "kind": "dossier",
            "shipment": self.subject,
        }
        rest = {"audience": "https://customs.example", "target": len(self.entries), "streams": [covered]}
        return manifest | rest | changes

    def file(self, members: dict[str, bytes] | None = None, **changes: Any) -> bytes:
        members = self.members() if members is None else members
        return pack(members, **self.manifest(**changes))

    def trust(self, **changes: Any) -> dict[str, Any]:
        contract = {"code_hash": "0x" + CODE.hex()}
        chain: dict[str, Any] = {
            "id": CHAIN,
            "genesis": "0x" + CHAIN_GENESIS.hex(),
            "control": "independent",
            "rpc": None,
        }
        chain |= {"registry": contract | {"address": "0x" + REGISTRY.hex()}}
        chain |= {"anchor": contract | {"address": "0x" + ANCHOR.hex()}}
        chain |= {"pinned": [{"number": 26, "hash": "0x" + self.pinned.hex()}]}
        chain |= changes.pop("chain", {})
        whole: dict[str, Any] = {"from_size": 0, "to_size": None}
        trust: dict[str, Any] = {
            "format": "corridor-trust/1",
            "name": "by hand",
            "origin": ORIGIN,
            "chain": chain,
        }
        trust |= {"genesis": h(self.genesis).hex(), "profile": h(PROFILE).hex(), "tsa": []}
        trust |= {"log_keys": [{"vkey": self.log_key.vkey} | whole]}
        trust |= {"receipt_keys": [{"cose_key": b64url(self.receipt_key.cose)} | whole]}
        trust |= {"witnesses": {"quorum": 2, "keys": [each.vkey for each in self.witnesses]}}
        trust |= {"index_cosigners": [self.cosigner.vkey], "times": ["chain", "witnesses"], "max_age": 5_000}
        required = ["signature", "authority", "inclusion", "completeness", "no-split-view", "anchor", "time"]
        return trust | {"last_seen": None, "required": [*required, "freshness", "custody"]} | changes

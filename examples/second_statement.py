"""Statement files as docs/formats.md says (section 5), read.

Reading looks at what a receipt rests on; what else a statement must be like the log has seen to.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import cbor2
from second_signing import (
    ALG,
    AUD,
    CLAIMS,
    CONTENT_TYPE,
    ES256,
    IAT,
    ISS,
    KID,
    STATEMENT_TYP,
    SUB,
    TYP,
    Wrong,
    b64url,
    check_es256,
    from_b64url,
    from_hex,
    read_cbor,
    read_cose_key,
    read_json,
    sha256,
    sig_structure,
)


def digests_in(value: Any) -> Iterator[str]:
    """Yield the digests of what is withheld in a value."""
    if isinstance(value, dict):
        concealed = value.get("_sd", [])
        concealed = concealed if isinstance(concealed, list) else []
        yield from (one for one in [*concealed, value.get("...")] if isinstance(one, str))
    for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from digests_in(inner)


def disclosed(body: Any, disclosures: list[str]) -> list[str]:
    """Return the names of members that disclosures reveal; each must match a digest that was signed."""
    arrays = {text: from_b64url(text, "a disclosure") for text in disclosures if isinstance(text, str)}
    if len(arrays) != len(disclosures):
        raise Wrong("a disclosure is there twice, or is no text")
    known, names, left = set(digests_in(body)), [], list(disclosures)
    while left:
        found = next((one for one in left if b64url(sha256(one.encode())) in known), None)
        if found is None:
            raise Wrong(f"disclosure {left[0][:12]}… matches no digest that was signed")
        left.remove(found)
        known.discard(b64url(sha256(found.encode())))
        salted = read_json(arrays[found], "a disclosure", list)
        if len(salted) not in (2, 3):
            raise Wrong("a disclosure is not an array of two or three")
        known.update(digests_in(salted[-1]))
        names += [str(salted[1])] if len(salted) == 3 else []
    return names


@dataclass(frozen=True)
class Statement:
    """A signed statement, and what of it a receipt is about.

    Args:
        raw: The COSE_Sign1, byte for byte.
        claims: CWT claims of the protected header, by their labels.
        kid: Thumbprint of the key that is said to have signed.
        payload: What was signed.
        revealed: Names of the concealed members that disclosures reveal.
    """

    raw: bytes
    claims: dict[int, Any]
    kid: bytes
    payload: dict[str, Any]
    revealed: list[str]

    @property
    def id(self) -> str:
        """Its name, which does not depend on the signature."""
        protected, _, payload, _ = read_cbor(self.raw, "the statement").value
        return sha256(sig_structure(protected, payload)).hex()

    @property
    def entry(self) -> bytes:
        """Its entry in the log (section 6): it commits to every byte, the signature included."""
        tags = [from_hex(tag, 32, "a tag in `streams`") for tag in self.payload["streams"]]
        return b"\x01" + sha256(self.raw) + len(tags).to_bytes(2, "big") + b"".join(tags)

    def check(self, key: bytes, audience: str) -> None:
        """Check that a key signed it, for a log. The COSE_Key may come from anywhere: its hash is known."""
        if self.claims[AUD] != audience:
            raise Wrong("it was signed for another log")
        if sha256(key) != self.kid:
            raise Wrong(f"it names the key {self.kid.hex()}, and the key given is {sha256(key).hex()}")
        protected, _, payload, signature = read_cbor(self.raw, "the statement").value
        public = read_cose_key(key, "the signer's key")
        if not check_es256(public, signature, sig_structure(protected, payload)):
            raise Wrong("its signature does not hold: it was changed after it was signed")


def read_statement(file: bytes) -> Statement:
    """Read a statement file (section 5)."""
    members = read_json(file, "the statement file")
    texts = members.get("disclosures")
    if (
        set(members) != {"format", "statement", "disclosures"}
        or members["format"] != "corridor-statement/1"
        or not isinstance(texts, list)
    ):
        raise Wrong("this is not a statement file of version 1")
    raw = from_b64url(members["statement"], "`statement`")
    message = read_cbor(raw, "the statement")
    tagged = isinstance(message, cbor2.CBORTag) and message.tag == 18
    parts = list(message.value) if tagged and isinstance(message.value, list | tuple) else []
    if [type(part) for part in parts[:1] + parts[2:]] != [bytes, bytes, bytes]:
        raise Wrong("the statement is not a COSE_Sign1 with its payload in it")
    header = read_cbor(parts[0], "the statement's header")
    try:
        kid, claims = header[KID], header[CLAIMS]
        same = {ALG: ES256, CONTENT_TYPE: "application/json", KID: kid, CLAIMS: claims, TYP: STATEMENT_TYP}
        exact = parts[0] == cbor2.dumps(same) and list(claims) == [ISS, SUB, AUD, IAT] and type(kid) is bytes
    except (LookupError, TypeError):
        exact = False
    if not exact or raw != cbor2.dumps(cbor2.CBORTag(18, [parts[0], {}, *parts[2:]])):
        raise Wrong("the statement has another header or serialisation than version 1 with ES256 has")
    payload = read_json(parts[2], "the statement's payload")
    for name in ("subjects", "streams"):
        if not isinstance(payload.get(name), list) or not 1 <= len(payload[name]) <= 16:
            raise Wrong(f"`{name}` in the statement's payload is not an array of 1 to 16")
    if payload["subjects"][0] != claims[SUB]:
        raise Wrong("the statement's first subject is not the `sub` of its header")
    return Statement(raw, claims, kid, payload, disclosed(payload.get("body"), texts))

"""ID tokens that must open nothing, each with a name and the code that it is refused with."""

import hmac
import json
from base64 import urlsafe_b64encode
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from joserfc.jwk import ECKey

from ledger.access import Access, Provider
from ledger.domain.fields import b64url
from tests.access.doors import SECRET, Door, Registry
from tests.access.provider import (
    AUDIENCE,
    EC,
    FOR_SECRETS,
    ISSUER,
    OTHERS,
    RSA,
    SMALL,
    Played,
    claims_at,
    signed,
)
from tests.builders import CUSTOMS, a_genesis
from tests.chain.chains import Hands, a_database

PROVIDER = Provider(ISSUER, AUDIENCE, organisation=CUSTOMS, required={"groups": "corridor"})


@dataclass
class Desk(Door):
    """A door with an identity provider behind it."""

    provider: Played = field(default_factory=Played)
    taking_part: dict[str, frozenset[str]] = field(default_factory=dict)
    ticks: Hands = field(default_factory=lambda: Hands(0))

    def nonce(self) -> str:
        return b64url(self.access.challenges.give().value)

    def claims(self, **changes: Any) -> dict[str, Any]:
        return claims_at(self.clock(), **({"nonce": self.nonce()} | changes))

    def token_of_officer(self) -> str:
        return self.access.sessions.open_for_officer(signed(self.claims())).token


def a_desk(folder: Path, *providers: Provider) -> Desk:
    engine, clock, ticks, played = a_database(folder), Hands(), Hands(0), Played()
    taking_part = {CUSTOMS: frozenset({"destination-customs"})}
    access = Access.create(
        engine,
        Registry(),
        a_genesis().audience,
        clock,
        SECRET,
        session_seconds=3600,
        providers=providers or [PROVIDER],
        roles_of=taking_part.get,
        fetch=played,
        monotonic=ticks,
    )
    return Desk(access, engine, Registry(), clock, played, taking_part, ticks)


def raw(header: bytes, payload: bytes, signature: bytes = b"s" * 64) -> str:
    return ".".join(urlsafe_b64encode(one).rstrip(b"=").decode() for one in (header, payload, signature))


def replayed(desk: Desk) -> str:
    token = signed(desk.claims())
    desk.access.sessions.open_for_officer(token)
    return token


def of_a_used_challenge(desk: Desk) -> str:
    claims = desk.claims()
    desk.access.sessions.open_for_officer(signed(claims))
    return signed(claims | {"sub": "officer-8"})


def too_late(desk: Desk) -> str:
    token = signed(desk.claims())
    desk.clock.now += 120
    return token


def hmac_with_the_public_key(desk: Desk) -> str:
    header, payload = b'{"alg":"HS256","kid":"rsa"}', json.dumps(desk.claims()).encode()
    said = raw(header, payload).rpartition(".")[0]
    return f"{said}.{b64url(hmac.digest(RSA.as_pem(private=False), said.encode(), 'sha256'))}"


def changed(desk: Desk) -> str:
    header, _, signature = signed(desk.claims()).split(".")
    return f"{header}.{b64url(json.dumps(desk.claims()).encode())}.{signature}"


def said_twice(desk: Desk) -> str:
    claims = json.dumps(desk.claims())
    return signed((claims[:-1] + ', "sub": "officer-9"}').encode())


Forge = Callable[[Desk], str]
FORGED: dict[str, tuple[Forge, str]] = {
    "by a provider nobody knows": (
        lambda d: signed(d.claims(iss="https://evil.example")),
        "provider-unknown",
    ),
    "by nobody": (lambda d: signed(d.claims(iss=None)), "provider-unknown"),
    "by a list of providers": (lambda d: signed(d.claims(iss=[ISSUER])), "provider-unknown"),
    "by a name that ends otherwise": (lambda d: signed(d.claims(iss=ISSUER + "/")), "provider-unknown"),
    "for another deployment": (lambda d: signed(d.claims(aud="corridor-east")), "token-claim"),
    "for nobody": (lambda d: signed(d.claims(aud=None)), "token-claim"),
    "for us and another": (lambda d: signed(d.claims(aud=[AUDIENCE, "other"])), "token-claim"),
    "for us in an object": (lambda d: signed(d.claims(aud={AUDIENCE: 1})), "token-claim"),
    "asked for by another": (lambda d: signed(d.claims(azp="another-client")), "token-claim"),
    "over": (lambda d: signed(d.claims(exp=d.clock())), "token-expired"),
    "long over": (lambda d: signed(d.claims(exp=d.clock() - 3600)), "token-expired"),
    "without an end": (lambda d: signed(d.claims(exp=None)), "token-claim"),
    "with an end that is no time": (lambda d: signed(d.claims(exp="2099-01-01")), "token-claim"),
    "with an end that is true": (lambda d: signed(d.claims(exp=True)), "token-claim"),
    "with an end between seconds": (lambda d: signed(d.claims(exp=d.clock() + 0.5)), "token-claim"),
    "with an end beyond numbers": (
        lambda d: signed(json.dumps(d.claims()).encode().replace(str(d.clock() + 300).encode(), b"1e999")),
        "malformed-token",
    ),
    "not good yet": (lambda d: signed(d.claims(nbf=d.clock() + 120)), "token-early"),
    "good from a word on": (lambda d: signed(d.claims(nbf="now")), "token-claim"),
    "of tomorrow": (lambda d: signed(d.claims(iat=d.clock() + 86_400)), "token-early"),
    "of a time in an odd zone": (lambda d: signed(d.claims(iat="2026-11-06T13:00:00+14:00")), "token-claim"),
    "of milliseconds": (lambda d: signed(d.claims(iat=d.clock() * 1000)), "token-early"),
    "too old": (lambda d: signed(d.claims(iat=d.clock() - 700)), "token-old"),
    "of no time": (lambda d: signed(d.claims(iat=None)), "token-claim"),
    "unsigned": (
        lambda d: raw(b'{"alg":"none"}', json.dumps(d.claims()).encode()),
        "token-algorithm",
    ),
    "unsigned, in capitals": (
        lambda d: raw(b'{"alg":"NONE"}', json.dumps(d.claims()).encode()),
        "token-algorithm",
    ),
    "signed with nothing": (
        lambda d: signed(d.claims()).rpartition(".")[0] + ".",
        "malformed-token",
    ),
    "with a MAC under the public key": (hmac_with_the_public_key, "token-algorithm"),
    "without an algorithm": (lambda d: raw(b"{}", json.dumps(d.claims()).encode()), "token-algorithm"),
    "with a list of algorithms": (
        lambda d: raw(b'{"alg":["ES256"]}', json.dumps(d.claims()).encode()),
        "token-algorithm",
    ),
    "by an unknown key": (lambda d: signed(d.claims(), kid="nobody's"), "token-key"),
    "by a key that is not named": (
        lambda d: signed(d.claims(), replace_key(d), kid=None),
        "token-key",
    ),
    "by the key of another, of the same name": (lambda d: signed(d.claims(), OTHERS), "signature-invalid"),
    "by a key for encryption": (lambda d: signed(d.claims(), FOR_SECRETS, "RS256"), "token-key"),
    "by a key that is too small": (lambda d: signed(d.claims(), SMALL, "RS256"), "token-key"),
    "by a key for another algorithm": (lambda d: signed(d.claims(), EC, kid="rsa"), "token-key"),
    "with the key within": (
        lambda d: signed(d.claims(), jwk=OTHERS.as_dict(private=False)),
        "malformed-token",
    ),
    "with an address of keys": (
        lambda d: signed(d.claims(), jku="http://169.254.169.254/"),
        "malformed-token",
    ),
    "with an address of certificates": (
        lambda d: signed(d.claims(), x5u="file:///etc/passwd"),
        "malformed-token",
    ),
    "with an extension to understand": (
        lambda d: signed(d.claims(), crit=["b64"], b64=True),
        "malformed-token",
    ),
    "with another token within": (lambda d: signed(d.claims(), cty="JWT"), "malformed-token"),
    "with a token as its claims": (lambda d: signed(signed(d.claims()).encode()), "malformed-token"),
    "an access token": (lambda d: signed(d.claims(), typ="at+jwt"), "malformed-token"),
    "of a strange type": (lambda d: signed(d.claims(), typ=7), "malformed-token"),
    "encrypted": (lambda d: signed(d.claims()) + ".a.b", "malformed-token"),
    "huge": (lambda d: signed(d.claims(padding="a" * 20_000)), "malformed-token"),
    "with a huge header": (lambda d: signed(d.claims(), padding="a" * 2_000), "malformed-token"),
    "deep": (lambda d: raw(b'{"alg":"ES256"}', b'{"a":' * 500 + b"1" + b"}" * 500), "malformed-token"),
    "an array": (lambda d: signed(b"[]"), "malformed-token"),
    "not JSON": (lambda d: signed(b"iss=x"), "malformed-token"),
    "nothing": (lambda d: "", "malformed-token"),
    "three dots": (lambda d: "...", "malformed-token"),
    "not ASCII": (lambda d: "é.é.é", "malformed-token"),
    "with a line break behind it": (lambda d: signed(d.claims()) + "\n", "malformed-token"),
    "padded": (lambda d: signed(d.claims()) + "==", "malformed-token"),
    "with a member twice": (said_twice, "malformed-token"),
    "changed after signing": (changed, "signature-invalid"),
    "without a nonce": (lambda d: signed(d.claims(nonce=None)), "token-claim"),
    "with an empty nonce": (lambda d: signed(d.claims(nonce="")), "token-claim"),
    "with a nonce of its own": (lambda d: signed(d.claims(nonce="n-0S6_WzA2Mj")), "challenge-used"),
    "with a list of nonces": (lambda d: signed(d.claims(nonce=[d.nonce()])), "challenge-used"),
    "with a challenge of another service": (
        lambda d: signed(d.claims(nonce=b64url(bytes(56)))),
        "challenge-used",
    ),
    "with a challenge that is too old": (too_late, "challenge-used"),
    "of a used challenge": (of_a_used_challenge, "challenge-used"),
    "shown again": (replayed, "challenge-used"),
    "of nobody": (lambda d: signed(d.claims(sub=None)), "token-claim"),
    "of a number": (lambda d: signed(d.claims(sub=7)), "token-claim"),
    "of somebody with a long name": (lambda d: signed(d.claims(sub="a" * 256)), "malformed-field"),
    "of somebody who is no officer": (lambda d: signed(d.claims(groups=["port"])), "claim-missing"),
    "of somebody in no group": (lambda d: signed(d.claims(groups=None)), "claim-missing"),
    "of a group with a longer name": (lambda d: signed(d.claims(groups="corridors")), "claim-missing"),
}


def replace_key(desk: Desk) -> ECKey:
    """Return a key beside which the provider has another one for the same algorithm."""
    second = ECKey.generate_key("P-256", {"kid": "second"})
    desk.provider.keys.append(second)
    return second

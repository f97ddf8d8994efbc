"""An identity provider that a test plays: its keys, its documents, and any token, good or forged."""

import json
import warnings
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from joserfc import jws
from joserfc.errors import SecurityWarning
from joserfc.jwk import ECKey, Key, OKPKey, RSAKey
from joserfc.jws import JWSRegistry

from ledger.access.provider_keys import DISCOVERY
from ledger.domain.errors import UnavailableError

ISSUER = "https://login.customs.example"
AUDIENCE = "corridor-ledger"
RSA = RSAKey.generate_key(2048, {"kid": "rsa", "use": "sig"})
EC = ECKey.generate_key("P-256", {"kid": "ec", "alg": "ES256"})
ED = OKPKey.generate_key("Ed25519", {"kid": "ed", "key_ops": ["verify", "sign"]})
FOR_SECRETS = RSAKey.generate_key(2048, {"kid": "secrets", "use": "enc"})
with warnings.catch_warnings(action="ignore", category=SecurityWarning):
    SMALL = RSAKey.generate_key(1024, {"kid": "small"})
OTHERS = ECKey.generate_key("P-256", {"kid": "ec"})
NAMES = {"EdDSA": "Ed25519"}


class _Anything(JWSRegistry):
    """Signs whatever header it is given."""

    def __init__(self) -> None:
        super().__init__(strict_check_header=False)

    def check_header(self, header: Any) -> None:
        """Take every header."""

    def get_alg(self, name: str) -> Any:
        """Return any algorithm."""
        return JWSRegistry.algorithms[NAMES.get(name, name)]


def signed(claims: Mapping[str, Any] | bytes, key: Key = EC, alg: str = "ES256", **header: Any) -> str:
    """Return a token with exactly this header and these claims."""
    payload = claims if isinstance(claims, bytes) else json.dumps(claims).encode()
    head = {"alg": alg, "kid": key.kid} | header
    head = {name: value for name, value in head.items() if value is not None}
    with warnings.catch_warnings(action="ignore", category=SecurityWarning):
        bare = type(key).import_key({k: v for k, v in key.as_dict(private=True).items() if k not in _SAID})
        return jws.serialize_compact(head, payload, bare, registry=_Anything())


_SAID = ("use", "alg", "key_ops", "kid")


@dataclass
class Played:
    """A provider's documents, counted; a `Fetch`."""

    issuer: str = ISSUER
    keys: list[Key] = field(default_factory=lambda: [RSA, EC, ED, FOR_SECRETS, SMALL])
    asked: list[str] = field(default_factory=list)
    fails: bool = False
    metadata: dict[str, Any] = field(default_factory=dict)

    def __call__(self, url: str) -> bytes:
        """Return a document."""
        self.asked.append(url)
        if self.fails:
            raise UnavailableError("provider-unavailable", "the identity provider is away")
        if url.endswith(DISCOVERY):
            said = {"issuer": self.issuer, "jwks_uri": f"{self.issuer}/keys"} | self.metadata
            return json.dumps(said).encode()
        public = [one.as_dict(private=False) for one in self.keys]
        return json.dumps({"keys": [*public, {"kty": "post-quantum", "kid": "new"}]}).encode()


def claims_at(now: int, **changes: Any) -> dict[str, Any]:
    """Return the claims of a good token; None leaves one out."""
    said = {
        "iss": ISSUER,
        "aud": AUDIENCE,
        "sub": "officer-7",
        "iat": now,
        "exp": now + 300,
        "groups": ["corridor", "port"],
        "unit": "cbp",
        "name": "A Name That Nobody Keeps",
    } | changes
    return {name: value for name, value in said.items() if value is not None}

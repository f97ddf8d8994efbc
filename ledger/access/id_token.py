"""ID tokens (OpenID Connect Core 1.0, section 2): read strictly, verified, and held to their claims.

Nothing that a token brings is followed: no key, no URL, no algorithm that its provider was not set up with.
"""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, Final, Self

from joserfc import jws
from joserfc.errors import BadSignatureError, ClaimError, JoseError
from joserfc.jwk import Key
from joserfc.jws import JWSRegistry
from joserfc.jwt import JWTClaimsRegistry

from ledger.domain import strict_json
from ledger.domain.errors import AccessError, MalformedError, VerificationError
from ledger.domain.fields import from_b64url, text

MAX_BYTES: Final = 16_384
_MAX_HEADER: Final = 1_024
_COMPACT = re.compile(r"([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+)")
# Tokens of other kinds say so (RFC 8725 section 3.11); ID tokens say `JWT`, or nothing.
_TYP = "JWT"
# Extensions that must be understood, keys that a token brings itself, tokens within tokens.
_REFUSED = ("crit", "b64", "jwk", "jku", "x5u", "x5c", "cty", "zip", "enc")
_NAMES = {"EdDSA": "Ed25519"}
"""Names of algorithms in joserfc, where they differ: RFC 9864 names the curve, providers do not."""
_MAX_TEXT: Final = 255


class _OneAlgorithm(JWSRegistry):
    """Knows the algorithm that was decided on before, whatever a token says."""

    max_header_length = _MAX_HEADER

    def __init__(self, name: str) -> None:
        super().__init__(algorithms=[name], strict_check_header=False)
        self._model = JWSRegistry.algorithms[_NAMES.get(name, name)]

    def get_alg(self, name: str) -> Any:  # noqa: ARG002 - the interface has it
        """Return the algorithm; its name was compared when the token was read."""
        return self._model


@dataclass(frozen=True, slots=True)
class IdToken:
    """A well-formed ID token of which nothing is known to be true.

    Args:
        raw: As received.
        alg: Its algorithm, one that is allowed.
        kid: Names its key; None when it does not say.
        claims: What it says.
    """

    raw: str
    alg: str
    kid: str | None
    claims: Mapping[str, Any]

    @classmethod
    def parse(cls, raw: str, algorithms: Collection[str]) -> Self:
        """Read a token.

        Args:
            raw: JWS compact serialisation (RFC 7515 section 7.1), at most 16,384 characters.
            algorithms: Names that its header may have.

        Raises:
            MalformedError: Code `malformed-token`: it is none, is encrypted, holds a member twice, or brings
                something along that nobody should follow.
            AccessError: Code `token-algorithm`: it is signed in another way, or not at all.
        """
        match = _COMPACT.fullmatch(raw) if len(raw) <= MAX_BYTES else None
        if match is None:
            raise _malformed(f"it must be a signed JWT of at most {MAX_BYTES} characters")
        header, claims = (_object(part, what) for part, what in ((match[1], "header"), (match[2], "payload")))
        alg, kid, typ = header.get("alg"), header.get("kid"), header.get("typ", _TYP)
        if not isinstance(alg, str) or alg not in algorithms:
            raise AccessError(
                "token-algorithm",
                f"the token must be signed with {' or '.join(sorted(algorithms))}",
                field="token",
            )
        if brought := [name for name in _REFUSED if name in header]:
            raise _malformed(f"its header has the member {brought[0]}, which is not taken")
        if not isinstance(typ, str) or typ.upper() != _TYP:
            raise _malformed("its header must say that it is a JWT, or nothing: only ID tokens are taken")
        if kid is not None and not (isinstance(kid, str) and 1 <= len(kid) <= _MAX_TEXT):
            raise _malformed(f"its key must be named by 1 to {_MAX_TEXT} characters")
        return cls(raw, alg, kid, claims)

    @property
    def issuer(self) -> str | None:
        """Who it says that it is by."""
        said = self.claims.get("iss")
        return said if isinstance(said, str) else None

    def verify(self, key: Key) -> None:
        """Check the signature.

        Args:
            key: Of its provider, for its algorithm.

        Raises:
            VerificationError: Code `signature-invalid`.
        """
        try:
            jws.deserialize_compact(self.raw, key, registry=_OneAlgorithm(self.alg))
        except (BadSignatureError, JoseError, ValueError):
            raise VerificationError(
                "signature-invalid", "the token's signature does not hold under its provider's key"
            ) from None

    def check(self, *, issuer: str, audience: str, now: int, leeway: int, max_age: int) -> None:
        """Check what every ID token must say (OpenID Connect Core 1.0, section 3.1.3.7).

        Args:
            issuer: Who it must be by.
            audience: Whom it must be for, and nobody else.
            now: POSIX seconds.
            leeway: How far ahead the provider's clock may be, seconds.
            max_age: How old it may be, seconds.

        Raises:
            AccessError: Codes `token-claim`, `token-expired`, `token-early` and `token-old`; the field names
                the claim.
        """
        must = JWTClaimsRegistry(
            now=now,
            leeway=leeway,
            iss={"essential": True, "value": issuer},
            aud={"essential": True, "value": audience},
            sub={"essential": True},
            nonce={"essential": True},
            exp={"essential": True},
            iat={"essential": True},
        )
        claims = dict(self.claims)
        try:
            must.validate(claims)
            # Only the party that the token is for may show it, and its times are whole seconds.
            if claims["aud"] not in (audience, [audience]):
                raise ClaimError("aud")
            if claims.get("azp", audience) != audience:
                raise ClaimError("azp")
            for name in ("exp", "iat", *(("nbf",) if "nbf" in claims else ())):
                if type(claims[name]) is not int:
                    raise ClaimError(name)
        except ClaimError as error:
            raise _refused(error.claim, claims, now) from None
        # A session ends with its token: of one that is over, no clock is forgiven.
        if claims["exp"] <= now:
            raise _refused("exp", claims, now)
        if claims["iat"] < now - max_age - leeway:
            raise AccessError(
                "token-old",
                f"the token was issued more than {max_age} s ago; sign in again",
                field="iat",
            )

    @property
    def subject(self) -> str:
        """Who it is at the provider, 1 to 255 characters.

        Raises:
            MalformedError: It says that in another way.
        """
        return text(self.claims.get("sub"), "sub", longest=_MAX_TEXT)

    @property
    def challenge(self) -> bytes:
        """What this service gave out, and the provider put into the token as its `nonce`.

        Raises:
            AccessError: It is nothing that this service gives out. In the words of `Challenges`, for it is
                the same fault.
        """
        try:
            return from_b64url(self.claims.get("nonce"), "nonce")
        except MalformedError:
            return b""


def _object(part: str, what: str) -> dict[str, Any]:
    limit = _MAX_HEADER if what == "header" else MAX_BYTES
    try:
        value = strict_json.loads(from_b64url(part, what), max_bytes=limit)
    except MalformedError as error:
        # Nothing of what it says is quoted: a name of a member can be anything.
        raise _malformed(f"its {what} is not strict JSON in base64url ({error.code})") from None
    if not isinstance(value, dict):
        raise _malformed(f"its {what} must be an object")
    return value


def _malformed(what: str) -> MalformedError:
    return MalformedError("malformed-token", f"this is no ID token that can be taken: {what}", field="token")


def _refused(claim: str, claims: Mapping[str, Any], now: int) -> AccessError:
    # Several that are missing come as one name with commas.
    name = claim.partition(",")[0]
    at = claims.get(name)
    is_time = name in ("exp", "iat", "nbf") and type(at) is int
    if is_time and name == "exp":
        return AccessError("token-expired", "the token is over; sign in again", field=name)
    if is_time:
        what = f"the token is good from {at} on, and here it is {now}; set the wrong clock right"
        return AccessError("token-early", what, field=name)
    return AccessError(
        "token-claim",
        f"the token's claim {name} is missing, or is not what this service asks for; it must be an ID token "
        "made for this service by a provider that its operator knows, with a challenge of /v1/challenges as "
        "its nonce",
        field=name,
    )

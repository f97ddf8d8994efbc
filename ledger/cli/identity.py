"""From a command line and the files that it names to the bodies of onboarding and delegation statements."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from ledger.cli.files import parsing, read_file
from ledger.cli.options import option
from ledger.domain.errors import MalformedError, UsageError
from ledger.domain.fields import from_hex

_MAX_PEM = 262_144
_MAX_AGREEMENT = 64 * 1_048_576

LegalName = Annotated[str, option("TEXT", "As in the register of its country.", "--legal-name")]
Country = Annotated[str, option("CODE", "Two letters of ISO 3166, such as GT.", "--country")]
Identifiers = Annotated[
    list[str],
    option(
        "SCHEME:VALUE",
        "A number under which others know it: gln, vat, lei, scac or another scheme; may be repeated.",
        "--identifier",
    ),
]
Proofing = Annotated[
    Literal["IAL1", "IAL2", "IAL3", "low", "substantial", "high"],
    typer.Option("--proofing", help="How well somebody looked at who it is.", show_default=False),
]
ProofedBy = Annotated[str, option("TEXT", "Who looked.", "--proofed-by")]
Agreement = Annotated[
    Path, option("FILE", "The agreement that it signed: its hash is what is said.", "--agreement")
]
Sponsor = Annotated[str | None, option("URI", "The organisation that vouches for it.", "--sponsor")]
X509 = Annotated[
    Path | None,
    option("PEM", "Its certificate, and those of its issuers after it, each issued by the next.", "--x509"),
]


@dataclass(frozen=True, slots=True)
class Identity:
    """Who an organisation is, as the command line says it; see the options of this module."""

    legal_name: str
    country: str
    identifiers: Sequence[str]
    proofing: str
    proofed_by: str
    agreement: Path
    sponsor: str | None
    x509: Path | None

    def body(self) -> dict[str, Any]:
        """Return the body of an onboarding statement, read by the rules of those who will receive it.

        Raises:
            UsageError: An identifier without a scheme, or a file that is too large.
            NotFoundError: There is no such file.
            UnavailableError: It cannot be read.
            MalformedError: Something does not fit the format; `field` says what.
        """
        from hashlib import sha256

        from ledger.domain.participant import Onboarding

        agreed = read_file(self.agreement, "the agreement", max_bytes=_MAX_AGREEMENT)
        body: dict[str, Any] = {
            "legal_name": self.legal_name,
            "country": self.country,
            "identifiers": [_identifier(one) for one in self.identifiers],
            "proofing": {"level": self.proofing, "by": self.proofed_by},
            "agreement": sha256(agreed).hexdigest(),
        }
        if self.sponsor is not None:
            body["sponsor"] = self.sponsor
        if self.x509 is not None:
            body["x509"] = _certificates(self.x509)
        Onboarding.parse(body, where="the identity")
        return body


def key_of_device(text: str) -> str:
    """Return the thumbprint of a device's key, from a key file or as it is.

    Raises:
        NotFoundError: It is neither a thumbprint nor a file.
        MalformedError: The file is no key file.
    """
    from ledger.keys.files import KeyFile

    try:
        return from_hex(text, 32, "--device-key").hex()
    except MalformedError:
        return KeyFile.read_public(Path(text)).key.thumbprint.hex()


def _identifier(text: str) -> dict[str, str]:
    scheme, colon, value = text.partition(":")
    if not colon:
        raise UsageError("bad-identifier", f"--identifier must be SCHEME:VALUE, and {text[:80]} has no colon")
    return {"scheme": scheme, "value": value}


def _certificates(path: Path) -> list[str]:
    from base64 import b64encode

    from cryptography.hazmat.primitives.serialization import Encoding
    from cryptography.x509 import load_pem_x509_certificates

    data = read_file(path, "the certificates", max_bytes=_MAX_PEM)
    with parsing(path):
        try:
            chain = load_pem_x509_certificates(data)
        except ValueError:
            message = "it holds no certificate in PEM, or one that cannot be read"
            raise MalformedError("bad-certificate", message) from None
    return [b64encode(one.public_bytes(Encoding.DER)).decode() for one in chain]

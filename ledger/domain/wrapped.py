"""Secrets of items, wrapped for an organisation's keys, as they travel (formats, section 18)."""

from base64 import b64decode, b64encode
from dataclasses import dataclass, field
from typing import Any, Final

from ledger.domain import fields
from ledger.domain.errors import MalformedError
from ledger.domain.evidence import COMMITMENT_SIZE, checked_cid

MAX_AT_ONCE: Final = 1_000
"""Secrets of one request: one transaction stores all of them or none."""
MAX_WRAPPED: Final = 3_072
"""Bytes of one wrapped secret: twelve recipients take less than half of it."""
_HEAD: Final = b"age-encryption.org/v1\n-> "
_MAC: Final = b"\n--- "
# What follows the header: nonce, the 74 characters of an item's secret, tag (age-encryption.org/v1).
_PAYLOAD: Final = 16 + 74 + 16


@dataclass(frozen=True, slots=True)
class WrappedSecret:
    """The secret of one item, wrapped.

    Args:
        commitment: Of the item, 32 bytes.
        cid: Of its sealed bytes.
        wrapped: The age file with its secret.
    """

    commitment: bytes
    cid: str
    wrapped: bytes = field(repr=False)

    @classmethod
    def parse(cls, value: object, where: str = "a secret") -> "WrappedSecret":
        """Read one as it stands in a request.

        Args:
            value: As JSON.
            where: What to call it in a complaint.

        Raises:
            MalformedError: A member that is missing, unknown or of another form.
        """
        said = fields.exactly_at(value, ("commitment", "cid", "wrapped"), where)
        try:
            cid = checked_cid(said["cid"])
        except MalformedError as error:
            raise MalformedError(error.code, error.message, field=f"{where}.cid") from None
        return cls(
            fields.from_hex(said["commitment"], COMMITMENT_SIZE, f"{where}.commitment"),
            cid,
            checked_wrapped(said["wrapped"], f"{where}.wrapped"),
        )

    def to_json(self) -> dict[str, str]:
        """Return it as it stands in a request."""
        wrapped = b64encode(self.wrapped).decode("ascii")
        return {"commitment": self.commitment.hex(), "cid": self.cid, "wrapped": wrapped}


@dataclass(frozen=True, slots=True)
class Batch:
    """What one request brings.

    Args:
        for_: URI of the organisation that the secrets are wrapped for.
        record: Id of the statement that tells of it, 32 bytes; None when they are for the sender itself.
        secrets: At least one, no commitment twice.
    """

    for_: str
    record: bytes | None
    secrets: tuple[WrappedSecret, ...]

    @classmethod
    def parse(cls, value: object) -> "Batch":
        """Read the body of a request.

        Raises:
            MalformedError: A member that is missing, unknown or of another form, an item twice, too many.
        """
        said = fields.exactly(value, ("record", "for", "secrets"), "the body")
        listed = fields.array(said["secrets"], "secrets")
        if not 1 <= len(listed) <= MAX_AT_ONCE:
            message = f"secrets must be 1 to {MAX_AT_ONCE}; send more in several requests"
            raise MalformedError("malformed-field", message, field="secrets")
        secrets = tuple(WrappedSecret.parse(one, f"secrets.{place}") for place, one in enumerate(listed))
        if len({one.commitment for one in secrets}) != len(secrets):
            raise MalformedError("malformed-field", "secrets names one item twice", field="secrets")
        record = said["record"]
        return cls(
            fields.organisation(said["for"], "for"),
            None if record is None else fields.from_hex(record, 32, "record"),
            secrets,
        )

    def to_json(self) -> dict[str, Any]:
        """Return the body of a request."""
        record = None if self.record is None else self.record.hex()
        return {"record": record, "for": self.for_, "secrets": [one.to_json() for one in self.secrets]}


def checked_wrapped(value: object, where: str) -> bytes:
    """Return a wrapped secret from its base64, when it has the form of an age file of an item's secret.

    Nobody but its reader can tell what is in it; but nothing longer is kept than a secret.

    Args:
        value: The text.
        where: What to call it in a complaint.

    Raises:
        MalformedError: It is no base64, no age file in binary, or holds more or less than an item's secret.
    """
    try:
        data = b64decode(value, validate=True) if isinstance(value, str) else b""
    except ValueError:
        data = b""
    if len(data) > MAX_WRAPPED:
        message = f"{where} has over {MAX_WRAPPED} bytes: no secret for a few recipients has"
        raise MalformedError("malformed-field", message, field=where)
    mac = data.find(_MAC)
    end = data.find(b"\n", mac + len(_MAC))
    if not data.startswith(_HEAD) or mac < 0 or end < 0 or len(data) - end - 1 != _PAYLOAD:
        message = f"{where} must be base64 of the age file (binary) of an item's secret"
        raise MalformedError("malformed-field", message, field=where)
    return data

"""Pictures signed with C2PA by a camera maker of our own."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from io import BytesIO

from c2pa import Builder, C2paSignerInfo, Signer
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from PIL import Image

_FROM, _UNTIL = datetime(2020, 1, 1, tzinfo=UTC), datetime(2060, 1, 1, tzinfo=UTC)
_MANIFEST = {
    "claim_generator_info": [{"name": "Camera Example", "version": "1"}],
    "title": "gate",
    "assertions": [
        {
            "label": "c2pa.actions",
            "data": {
                "actions": [
                    {
                        "action": "c2pa.created",
                        "digitalSourceType": "http://cv.iptc.org/newscodes/digitalsourcetype/digitalCapture",
                    }
                ]
            },
        }
    ],
}


@dataclass(frozen=True)
class Maker:
    """A maker of cameras.

    Args:
        anchor: Its root certificate, PEM.
        chain: Camera and root certificate, PEM.
        key: Of the camera, PEM.
    """

    anchor: str
    chain: bytes
    key: bytes


@cache
def maker(name: str = "Cameras Example") -> Maker:
    """Return a maker with keys of its own."""
    root_key, camera_key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    root_id = x509.SubjectKeyIdentifier.from_public_key(root_key.public_key())
    root = (
        _certificate(name, "root", root_key.public_key(), 1)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .add_extension(_usage(signs=False), critical=True)
        .add_extension(root_id, critical=False)
        .sign(root_key, hashes.SHA256())
    )
    camera = (
        _certificate(name, "camera", camera_key.public_key(), 2)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(signs=True), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.EMAIL_PROTECTION]), critical=False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(camera_key.public_key()), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(root_id), critical=False
        )
        .sign(root_key, hashes.SHA256())
    )
    pem = root.public_bytes(Encoding.PEM)
    key = camera_key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return Maker(pem.decode(), camera.public_bytes(Encoding.PEM) + pem, key)


@cache
def picture() -> bytes:
    """Return a JPEG that nobody signed."""
    out = BytesIO()
    Image.linear_gradient("L").convert("RGB").save(out, "JPEG")
    return out.getvalue()


def signed(data: bytes, media_type: str, by: Maker, *, remote: str | None = None) -> bytes:
    """Return an item with a manifest.

    Args:
        data: The item.
        media_type: Of it.
        by: Who signs.
        remote: Where the manifest is said to lie, instead of in the item.
    """
    out = BytesIO()
    with (
        Builder(json.dumps(_MANIFEST | {"format": media_type})) as builder,
        Signer.from_info(C2paSignerInfo(b"es256", by.chain, by.key, None)) as signer,
    ):
        if remote is not None:
            builder.set_no_embed()
            builder.set_remote_url(remote)
        builder.sign(signer, media_type, BytesIO(data), out)
    return out.getvalue()


def _certificate(
    name: str, what: str, key: ec.EllipticCurvePublicKey, number: int
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(_name(name, what))
        .issuer_name(_name(name, "root"))
        .public_key(key)
        .serial_number(number)
        .not_valid_before(_FROM)
        .not_valid_after(_UNTIL)
    )


def _name(organisation: str, what: str) -> x509.Name:
    parts = ((NameOID.ORGANIZATION_NAME, organisation), (NameOID.COMMON_NAME, what))
    return x509.Name([x509.NameAttribute(kind, value) for kind, value in parts])


def _usage(*, signs: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=signs,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=not signs,
        crl_sign=not signs,
        encipher_only=False,
        decipher_only=False,
    )

"""A time-stamping authority in memory: real X.509, real CMS, real RFC 3161 responses."""

from datetime import UTC, datetime, timedelta
from hashlib import sha256

from asn1crypto import algos, cms, core, tsp  # type: ignore[import-untyped]
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ec import (
    ECDSA,
    SECP256R1,
    EllipticCurvePrivateKey,
    generate_private_key,
)
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

_YEARS = timedelta(days=3650)


class TimeStampingAuthority:
    """Stamps what it is given at the time that it is told.

    Args:
        now: Around when its certificates are good, POSIX seconds.
    """

    def __init__(self, now: int) -> None:
        root_key, self._key = generate_private_key(SECP256R1()), generate_private_key(SECP256R1())
        middle = datetime.fromtimestamp(now, UTC)
        self.root = _certificate("Root", root_key, "Root", root_key, middle, ca=True)
        self._leaf = _certificate("Stamps", self._key, "Root", root_key, middle, ca=False)

    @property
    def pem(self) -> str:
        """The root certificate, as a trust file holds it."""
        return self.root.public_bytes(Encoding.PEM).decode()

    def stamp(self, data: bytes, time: int, accuracy: int | None = 1) -> bytes:
        """Return a TimeStampResp over data (RFC 3161 section 2.4.2).

        Args:
            data: What is stamped.
            time: POSIX seconds.
            accuracy: Seconds by which the clock may be off, None to say nothing.
        """
        info = tsp.TSTInfo(
            {
                "version": "v1",
                "policy": "1.2.3.4",
                "message_imprint": {
                    "hash_algorithm": {"algorithm": "sha256"},
                    "hashed_message": sha256(data).digest(),
                },
                "serial_number": 7,
                "gen_time": datetime.fromtimestamp(time, UTC),
                **({} if accuracy is None else {"accuracy": {"seconds": accuracy}}),
            }
        ).dump()
        leaf = asn1_x509.Certificate.load(self._leaf.public_bytes(Encoding.DER))
        attributes = cms.CMSAttributes(
            [
                cms.CMSAttribute({"type": "content_type", "values": ["tst_info"]}),
                cms.CMSAttribute({"type": "message_digest", "values": [sha256(info).digest()]}),
                cms.CMSAttribute(
                    {
                        "type": "signing_certificate_v2",
                        "values": [
                            tsp.SigningCertificateV2(
                                {"certs": [tsp.ESSCertIDv2({"cert_hash": sha256(leaf.dump()).digest()})]}
                            )
                        ],
                    }
                ),
            ]
        )
        signature = self._key.sign(attributes.dump(), ECDSA(SHA256()))
        signer = cms.SignerInfo(
            {
                "version": "v1",
                "sid": cms.SignerIdentifier(
                    {
                        "issuer_and_serial_number": cms.IssuerAndSerialNumber(
                            {"issuer": leaf.issuer, "serial_number": leaf.serial_number}
                        )
                    }
                ),
                "digest_algorithm": algos.DigestAlgorithm({"algorithm": "sha256"}),
                "signed_attrs": attributes,
                "signature_algorithm": algos.SignedDigestAlgorithm({"algorithm": "sha256_ecdsa"}),
                "signature": signature,
            }
        )
        signed = cms.SignedData(
            {
                "version": "v3",
                "digest_algorithms": [algos.DigestAlgorithm({"algorithm": "sha256"})],
                "encap_content_info": {
                    "content_type": "tst_info",
                    "content": core.ParsableOctetString(info),
                },
                "certificates": [leaf],
                "signer_infos": [signer],
            }
        )
        token = cms.ContentInfo({"content_type": "signed_data", "content": signed})
        response = tsp.TimeStampResp({"status": {"status": "granted"}, "time_stamp_token": token})
        return bytes(response.dump())


def _certificate(
    name: str,
    key: EllipticCurvePrivateKey,
    issuer: str,
    issuer_key: EllipticCurvePrivateKey,
    middle: datetime,
    *,
    ca: bool,
) -> x509.Certificate:
    builder = (
        x509.CertificateBuilder()
        .subject_name(_name(name))
        .issuer_name(_name(issuer))
        .public_key(key.public_key())
        .serial_number(1 if ca else 2)
        .not_valid_before(middle - _YEARS)
        .not_valid_after(middle + _YEARS)
        .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key()), critical=False
        )
    )
    if not ca:
        usage = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING])
        builder = builder.add_extension(usage, critical=True)
    return builder.sign(issuer_key, SHA256())


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])

"""Where webhooks may go: nothing of this network, whatever a URL or a name server says."""

import asyncio
import ipaddress
import ssl
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from hypothesis import given
from hypothesis import strategies as st

from ledger.domain.errors import CorridorError, MalformedError, PolicyError
from ledger.notices.egress import Egress
from ledger.notices.sender import Outcome, Sender
from tests.notices.receivers import receiver

REFUSED_ADDRESSES = {
    "this machine": "127.0.0.1",
    "this machine by another number": "127.8.9.1",
    "this machine in IPv6": "::1",
    "no address": "0.0.0.0",
    "no address in IPv6": "::",
    "private, class A": "10.0.0.1",
    "private, class B": "172.16.0.1",
    "private, class C": "192.168.1.1",
    "link-local": "169.254.1.1",
    "metadata of clouds": "169.254.169.254",
    "metadata in IPv6": "fd00:ec2::254",
    "metadata of a cloud in shared space": "100.100.100.200",
    "the wire server of a cloud": "168.63.129.16",
    "carrier-grade NAT": "100.64.0.1",
    "multicast": "224.0.0.1",
    "multicast in IPv6": "ff02::1",
    "broadcast": "255.255.255.255",
    "reserved": "240.0.0.1",
    "documentation": "192.0.2.1",
    "benchmarking": "198.18.0.1",
    "IPv4 mapped into IPv6": "::ffff:10.0.0.1",
    "IPv4 mapped, in hexadecimal": "::ffff:a9fe:a9fe",
    "IPv4 compatible": "::7f00:1",
    "NAT64 to this machine": "64:ff9b::7f00:1",
    "NAT64 within a network": "64:ff9b:1::a00:1",
    "6to4 to a private address": "2002:a00:1::1",
    "Teredo": "2001:0:4136:e378:8000:63bf:3fff:fdd2",
    "unique local": "fc00::1",
    "link-local in IPv6": "fe80::1",
    "link-local with a zone": "fe80::1%eth0",
    "site-local": "fec0::1",
}


@pytest.mark.parametrize("name", list(REFUSED_ADDRESSES))
def test_nothing_goes_to_addresses_that_are_not_public(name: str) -> None:
    address = REFUSED_ADDRESSES[name]
    assert not Egress().allows(address)
    with pytest.raises(PolicyError) as caught:
        Egress().judged(["93.184.216.34", address])
    assert caught.value.code == "webhook-address"


def test_public_addresses_are_allowed() -> None:
    for address in ("93.184.216.34", "2606:2800:220:1:248:1893:25c8:1946", "::ffff:93.184.216.34"):
        assert Egress().allows(address)
    assert Egress().judged(["93.184.216.34"]) == ["93.184.216.34"]


@given(st.ip_addresses())
def test_whatever_is_not_global_is_refused(
    address: ipaddress.IPv4Address | ipaddress.IPv6Address,
) -> None:
    if not address.is_global or address.is_multicast:
        mapped = getattr(address, "ipv4_mapped", None)
        assert not Egress().allows(str(address)) or (mapped is not None and mapped.is_global)


REFUSED_URLS = {
    "in the clear": ("http://port.example/hook", "webhook-url"),
    "another port": ("https://port.example:22/hook", "webhook-url"),
    "a private address": ("https://10.0.0.1/hook", "webhook-url"),
    "a metadata address": ("https://169.254.169.254/latest/meta-data", "webhook-url"),
    "this machine in IPv6": ("https://[::1]/hook", "webhook-url"),
    "a mapped address": ("https://[::ffff:127.0.0.1]/hook", "webhook-url"),
    "a password": ("https://user:secret@port.example/hook", "malformed-field"),
    "a user": ("https://user@port.example/hook", "malformed-field"),
    "a fragment": ("https://port.example/hook#part", "malformed-field"),
    "another scheme": ("ftp://port.example/hook", "malformed-field"),
    "a file": ("file:///etc/passwd", "malformed-field"),
    "no host": ("https:///hook", "malformed-field"),
    "no scheme": ("port.example/hook", "malformed-field"),
    "a line break": ("https://port.example/hook\r\nX-More: yes", "malformed-field"),
    "a blank": ("https://port.example/a hook", "malformed-field"),
    "letters beyond ASCII": ("https://port.example/ma\u00f1ana", "malformed-field"),
    "a port that is none": ("https://port.example:99999/hook", "malformed-field"),
    "too long": ("https://port.example/" + "x" * 2_000, "malformed-field"),
    "empty": ("", "malformed-field"),
}


@pytest.mark.parametrize("name", list(REFUSED_URLS))
def test_a_url_that_nothing_may_be_sent_to_is_refused_at_once(name: str) -> None:
    url, code = REFUSED_URLS[name]
    with pytest.raises(CorridorError) as caught:
        Egress().target(url)
    assert (caught.value.code, caught.value.field) == (code, "url")
    assert "secret" not in caught.value.message


@given(st.text(max_size=60))
def test_any_text_is_a_url_or_an_error_of_ours(text: str) -> None:
    for candidate in (text, f"https://{text}", f"https://port.example/{text}"):
        with suppress(MalformedError, PolicyError):
            assert Egress().target(candidate).scheme == "https"


REFUSED = {"address-refused", "name-unknown", "malformed-field"}
"""How the attempt ends, by what the machine's own look-up makes of the name."""


class Names:
    """A name server that says something else each time."""

    def __init__(self, *answers: Sequence[str]) -> None:
        self.answers = list(answers)
        self.asked = 0

    def __call__(self, _host: str, _port: int) -> Sequence[str]:
        self.asked += 1
        return self.answers[min(self.asked, len(self.answers)) - 1]


def sent(sender: Sender, url: str) -> Outcome:
    """Send something, and return what became of it."""
    try:
        return asyncio.run(sender.send(url, {}, b"{}"))
    finally:
        sender.close()


@pytest.mark.parametrize(
    "numbers",
    ["0x7f000001", "2130706433", "127.1", "0177.0.0.1"],
    ids=["hex", "one number", "short", "octal"],
)
def test_other_ways_of_writing_an_address_are_looked_up_and_judged(numbers: str) -> None:
    assert sent(Sender(Egress()), f"https://{numbers}/hook").problem in REFUSED


def test_a_name_with_one_private_address_among_public_ones_is_refused() -> None:
    names = Names(["93.184.216.34", "10.0.0.1"])
    assert sent(Sender(Egress(), resolve=names), "https://port.example/hook") == Outcome(
        None, "address-refused"
    )


def test_a_name_that_changes_its_meaning_is_asked_once_and_that_answer_is_used() -> None:
    with receiver() as there:
        names = Names(["127.0.0.1"], ["127.0.0.2"])
        url = f"http://rebinding.example:{there.port}/hook"
        assert sent(Sender(Egress(private=True), resolve=names), url).received
        assert names.asked == 1
        assert there.got[0].headers["host"] == f"rebinding.example:{there.port}"


def test_a_name_that_is_not_known_is_a_failure_that_is_told() -> None:
    def unknown(_host: str, _port: int) -> Sequence[str]:
        raise OSError("no such name")

    assert sent(Sender(Egress(), resolve=unknown), "https://port.example/hook").problem == "unreachable"


def test_a_name_that_no_name_can_be_is_a_failure_that_is_told() -> None:
    url = f"https://{'x' * 70}.example/hook"
    assert sent(Sender(Egress()), url).problem in REFUSED


def test_an_address_that_cannot_be_reached_gives_way_to_the_next() -> None:
    with receiver() as there:
        names = Names(["127.0.0.9", "127.0.0.1"])
        url = f"http://two.example:{there.port}/hook"
        # Nobody listens at the first one.
        assert sent(Sender(Egress(private=True), resolve=names), url).received


def certificate(folder: Path, name: str) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """Return what a server shows under a name, and what believes it."""
    key = generate_private_key(SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, SHA256())
    )
    chain, private = folder / "chain.pem", folder / "key.pem"
    chain.write_bytes(made.public_bytes(Encoding.PEM))
    private.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(chain, private)
    return server, ssl.create_default_context(cafile=str(chain))


def test_the_certificate_has_to_be_of_the_name_and_believed(tmp_path: Path) -> None:
    server, trusted = certificate(tmp_path, "port.example")
    egress, here = Egress(private=True), Names(["127.0.0.1"])
    with receiver(tls=server) as there:
        right, wrong = (f"https://{name}.example:{there.port}/hook" for name in ("port", "other"))
        assert sent(Sender(egress, resolve=here, trusted=trusted), right).received
        assert sent(Sender(egress, resolve=here, trusted=trusted), wrong) == Outcome(None, "tls")
        assert sent(Sender(egress, resolve=here), right) == Outcome(None, "tls")
        assert len(there.got) == 1
        assert there.got[0].headers["host"] == f"port.example:{there.port}"


def test_a_proxy_of_the_environment_is_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:9")
    with receiver() as there:
        assert sent(Sender(Egress(private=True)), there.url).received

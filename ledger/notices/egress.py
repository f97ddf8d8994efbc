"""Where this service may send to: a receiver's URL is chosen by somebody who may want our own machines.

A name is looked up once, all its addresses are judged, and the connection goes to one that was judged: what
the name means a moment later changes nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Final

import httpx

from ledger.domain import fields
from ledger.domain.errors import MalformedError, PolicyError

MAX_URL: Final = 2_000
PORTS: Final = frozenset({443, 8443})
"""Where receivers may listen, unless the operator allows private addresses, which means any port."""
_DEFAULT_PORTS: Final = {"http": 80, "https": 443}
# Addresses that stand for others, which are reached through a gateway, or that a cloud keeps for itself.
_REFUSED: Final = tuple(
    ip_network(one)
    for one in (
        "64:ff9b::/96",  # NAT64, RFC 6052
        "64:ff9b:1::/48",  # NAT64 within one network, RFC 8215
        "2001::/32",  # Teredo, RFC 4380
        "2002::/16",  # 6to4, RFC 3056
        "192.88.99.0/24",  # 6to4 relays, RFC 7526
        "100.64.0.0/10",  # carrier-grade NAT, RFC 6598
        "168.63.129.16/32",  # the wire server of a cloud's virtual machines
    )
)


@dataclass(frozen=True, slots=True)
class Target:
    """A receiver.

    Args:
        scheme: `https` or `http`.
        host: Its name in ASCII, or its address without brackets.
        port: Of TCP.
        url: As it was given.
    """

    scheme: str
    host: str
    port: int
    url: httpx.URL = field(repr=False)


@dataclass(frozen=True, slots=True)
class Egress:
    """What may be sent to.

    Args:
        private: Whether receivers may be anywhere, such as on this machine, and be spoken to in the clear.
    """

    private: bool = False

    def target(self, url: object) -> Target:
        """Return the receiver that a URL names; an address in it is judged at once, a name is not looked up.

        Raises:
            MalformedError: It is no URL of HTTP, holds a password or a fragment, or is too long.
            PolicyError: Code `webhook-url`: it is not of https, or at a port or address that is not allowed.
        """
        text = fields.text(url, "url", longest=MAX_URL)
        try:
            parsed = httpx.URL(text)
            host = parsed.raw_host.decode("ascii")
        except (httpx.InvalidURL, ValueError):
            raise _malformed("the URL of a receiver, such as https://port.example/corridor") from None
        if not text.isprintable() or not text.isascii() or " " in text:
            raise _malformed("in printable ASCII without blanks; write other characters with %")
        if parsed.scheme not in _DEFAULT_PORTS or not host:
            raise _malformed("the URL of a receiver, such as https://port.example/corridor")
        if parsed.userinfo or parsed.fragment:
            raise _malformed("without user, password and fragment: what is sent is signed")
        if parsed.port is not None and not 1 <= parsed.port <= 65_535:
            raise _malformed("with a port from 1 to 65535")
        target = Target(parsed.scheme, host, parsed.port or _DEFAULT_PORTS[parsed.scheme], parsed)
        if not self.private:
            if target.scheme != "https":
                raise _refused("it must begin with https://: what is sent is not for everybody on the way")
            if target.port not in PORTS:
                raise _refused(f"its port must be one of {', '.join(map(str, sorted(PORTS)))}")
        literal = _address(host)
        if literal is not None and not self.allows(host):
            raise _refused("its address is private or reserved; nothing is sent there")
        return target

    def allows(self, address: str) -> bool:
        """Return whether a connection to an address may be made.

        Args:
            address: IPv4 or IPv6, as text.
        """
        found = _address(address)
        return found is not None and (self.private or _is_public(found))

    def judged(self, addresses: Sequence[str]) -> Sequence[str]:
        """Return the addresses of a name, all of which may be connected to.

        Raises:
            PolicyError: Code `webhook-address`: one of them may not be, or there is none.
        """
        if not addresses or not all(self.allows(one) for one in addresses):
            raise PolicyError(
                "webhook-address", "the receiver's name stands for an address that is private or reserved"
            )
        return addresses


def _address(text: str) -> IPv4Address | IPv6Address | None:
    try:
        return ip_address(text)
    except ValueError:
        return None


def _is_public(address: IPv4Address | IPv6Address) -> bool:
    if isinstance(address, IPv6Address):
        if address.ipv4_mapped is not None:
            return _is_public(address.ipv4_mapped)
        if address.is_site_local or address.scope_id is not None:
            return False
    if any(address in one for one in _REFUSED if one.version == address.version):
        return False
    return address.is_global and not (address.is_multicast or address.is_reserved or address.is_unspecified)


def _malformed(form: str) -> MalformedError:
    return MalformedError("malformed-field", f"url must be {form}", field="url")


def _refused(why: str) -> PolicyError:
    return PolicyError("webhook-url", f"nothing is sent to this url: {why}", field="url")

"""Where webhooks may go: only to hosts that the settings list, by addresses that are what they should be.

    https://sistema.example.ec/avisos      named in `hosts`          every address of it is a public one
    http://10.0.0.5:8080/avisos            named in `private_hosts`  the operator's own network

A name is looked up once for each attempt, and the connection goes to the very address that was looked at: a name
that changes its address in between leads nowhere else. Redirects are not followed.
"""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from record.errors import IieError
from registry.settings import WebhookRules

LONGEST = 500
PORTS = {"https": 443, "http": 80}
NAT64 = ipaddress.ip_network("64:ff9b::/96")
Address = ipaddress.IPv4Address | ipaddress.IPv6Address


class BadAddress(IieError):
    """An address where nothing is sent: of another form, not listed, or of another network than it should be."""

    advice = "api.hook.bad_address"


@dataclass(frozen=True, slots=True)
class Target:
    """One address, taken apart. ``private``: it may lead into the operator's own network."""

    scheme: str
    host: str
    port: int
    path: str
    private: bool

    @property
    def netloc(self) -> str:
        """Host and port as the `Host` header has them."""
        written = f"[{self.host}]" if ":" in self.host else self.host
        return written if PORTS[self.scheme] == self.port else f"{written}:{self.port}"


def target(url: str, rules: WebhookRules) -> Target:
    """An address that the settings allow. Raises `BadAddress` saying what is wrong with it."""
    if not 1 <= len(url) <= LONGEST or not url.isascii() or not url.isprintable() or set(url) & set(" \\"):
        raise BadAddress("an address has at most 500 characters, without spaces, backslashes or accents")
    try:
        parts = urlsplit(url)
        host, port = (parts.hostname or "").lower(), parts.port
    except ValueError as error:
        raise BadAddress(f"that is no address: {error}") from error
    if parts.scheme not in PORTS or not host:
        raise BadAddress("an address begins with https:// and a host")
    if parts.username is not None or parts.password is not None or parts.fragment:
        raise BadAddress("an address holds no user, password or fragment: changes are signed")
    port = PORTS[parts.scheme] if port is None else port
    found = Target(
        parts.scheme, host, port, (parts.path or "/") + (f"?{parts.query}" if parts.query else ""), False
    )
    if _listed(found, rules.private_hosts):
        return Target(found.scheme, found.host, found.port, found.path, private=True)
    if not _listed(found, rules.hosts):
        raise BadAddress(f"{found.netloc} is not listed under webhooks: hosts")
    if found.scheme != "https":
        raise BadAddress("only hosts under webhooks: private_hosts are called without TLS")
    return found


def _listed(found: Target, hosts: Sequence[str]) -> bool:
    """Whether a host is listed, with this port or, for a usual one, without any."""
    written = f"[{found.host}]" if ":" in found.host else found.host
    usual = {written} if PORTS[found.scheme] == found.port else set()
    return bool({f"{written}:{found.port}", *usual} & set(hosts))


Lookup = Callable[[str, int], Sequence[str]]


def looked_up(host: str, port: int) -> list[str]:
    """The addresses of a name. Raises `OSError`."""
    return [str(each[4][0]) for each in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]


def resolved(found: Target, lookup: Lookup = looked_up) -> str:
    """The address to connect to. Raises `BadAddress` where any of the name's is not what it should be, `OSError`."""
    addresses = [ipaddress.ip_address(text.partition("%")[0]) for text in lookup(found.host, found.port)]
    if not addresses:
        raise OSError(f"{found.host} has no address")
    for each in addresses:
        inner = _inner(each)
        if not (_public(inner) or (found.private and _own(inner))):
            raise BadAddress(f"{found.host} leads to {each}, where nothing is sent")
    return str(addresses[0])


def _public(address: Address) -> bool:
    return address.is_global and not address.is_multicast


def _own(address: Address) -> bool:
    """Whether an address may be the operator's own: this machine, or a private network; never a link's own."""
    return address.is_loopback or (
        address.is_private
        and not (
            address.is_link_local or address.is_multicast or address.is_unspecified or address.is_reserved
        )
    )


def _inner(address: Address) -> Address:
    """The address that an IPv6 address only carries: mapped, NAT64, 6to4 or Teredo."""
    if isinstance(address, ipaddress.IPv4Address):
        return address
    if address.ipv4_mapped is not None:
        return address.ipv4_mapped
    if address in NAT64:
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    if address.sixtofour is not None:
        return address.sixtofour
    return address.teredo[1] if address.teredo is not None else address

"""Where webhooks may go: listed hosts, by addresses of the right network."""

from __future__ import annotations

from ipaddress import ip_address

import pytest

from registry.hooks.address import BadAddress, resolved, target
from registry.settings import WebhookRules

RULES = WebhookRules(
    hosts=("sistema.example.ec", "otro.example.ec:8443", "8.8.8.8"),
    private_hosts=("erp.local", "10.0.0.5", "[fd00::1]", "169.254.169.254", "127.0.0.1:9000"),
)


@pytest.mark.parametrize(
    ("url", "netloc", "path"),
    [
        ("https://sistema.example.ec/avisos?x=1", "sistema.example.ec", "/avisos?x=1"),
        ("https://SISTEMA.example.ec:443", "sistema.example.ec", "/"),
        ("https://otro.example.ec:8443/", "otro.example.ec:8443", "/"),
        ("http://erp.local/a", "erp.local", "/a"),
        ("http://[fd00::1]/", "[fd00::1]", "/"),
    ],
)
def test_what_the_settings_list(url, netloc, path):
    found = target(url, RULES)
    assert (found.netloc, found.path) == (netloc, path)


@pytest.mark.parametrize(
    "url",
    [
        "http://sistema.example.ec/",
        "https://sistema.example.ec:8443/",
        "https://otro.example.ec/",
        "https://sistema.example.ec.evil.ec/",
        "https://sistema.example.ec@evil.ec/",
        "https://evil.ec#sistema.example.ec",
        "https://evil.ec\\@sistema.example.ec/",
        "https://user:pass@sistema.example.ec/",
        "https://sistema.example.ec/#a",
        "ftp://sistema.example.ec/",
        "file:///etc/passwd",
        "//sistema.example.ec/",
        "https://",
        "https://sistema.example.ec:99999/",
        "https://[::1/",
        "https://sistema.example.ec/\r\nx: y",
        "https://sístema.example.ec/",
        "https://127.0.0.1/",
        "http://127.0.0.1:9001/",
        "https://sistema.example.ec/" + "a" * 500,
        "",
    ],
)
def test_what_they_do_not_list(url):
    with pytest.raises(BadAddress):
        target(url, RULES)


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "10.0.0.5",
        "192.168.1.1",
        "100.64.0.1",
        "169.254.169.254",
        "0.0.0.0",
        "224.0.0.1",
        "::1",
        "fe80::1%eth0",
        "fd00::1",
        "::ffff:127.0.0.1",
        "64:ff9b::7f00:1",
        "2002:7f00:1::",
        "2001:0:53aa:64c:0:0:80ff:fffe",
    ],
)
def test_a_public_name_leads_to_public_addresses_alone(address):
    found = target("https://sistema.example.ec/", RULES)
    with pytest.raises(BadAddress):
        resolved(found, lambda host, port: ["8.8.8.8", address])
    assert resolved(found, lambda host, port: ["8.8.8.8"]) == "8.8.8.8"


@pytest.mark.parametrize("address", ["10.0.0.5", "127.0.0.1", "fd00::1", "8.8.8.8", "::ffff:10.0.0.5"])
def test_a_name_of_the_own_network_leads_there(address):
    found = resolved(target("http://erp.local/", RULES), lambda host, port: [address])
    assert ip_address(found) == ip_address(address)


@pytest.mark.parametrize(
    "address", ["169.254.169.254", "fe80::1", "224.0.0.1", "0.0.0.0", "::ffff:169.254.169.254"]
)
def test_but_never_to_the_cables_own_addresses(address):
    with pytest.raises(BadAddress):
        resolved(target("http://erp.local/", RULES), lambda host, port: [address])


def test_a_name_without_an_address_is_away():
    with pytest.raises(OSError, match="no address"):
        resolved(target("http://erp.local/", RULES), lambda host, port: [])

"""Who a client is, whatever it says of itself."""

import pytest

from app.web.client_address import client_of, networks

PROXIES = "127.0.0.1, 10.0.0.0/8, fd00::/8"


def asked(host: str | None, *forwarded: str, trusted: str = "") -> str:
    headers = [(b"x-forwarded-for", value.encode()) for value in forwarded]
    client = None if host is None else (host, 4000)
    return client_of({"type": "http", "client": client, "headers": headers}, networks(trusted))


@pytest.mark.parametrize(
    ("host", "counts_for"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("127.0.0.1", "127.0.0.1"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::", "2001:db8:1:2::/64"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        (None, ""),
    ],
)
def test_a_request_counts_for_its_address_or_its_64(host: str | None, counts_for: str) -> None:
    assert asked(host) == counts_for
    # Nobody becomes somebody else by saying so.
    assert asked(host, "198.51.100.1", trusted="203.0.113.0/24") == counts_for


@pytest.mark.parametrize(
    ("forwarded", "counts_for"),
    [
        (["198.51.100.1"], "198.51.100.1"),
        (["198.51.100.1, 10.1.2.3"], "198.51.100.1"),
        # What stands before the last that is not trusted is its own word.
        (["203.0.113.9, 198.51.100.1, 10.1.2.3"], "198.51.100.1"),
        (["203.0.113.9", "198.51.100.1"], "198.51.100.1"),
        (["198.51.100.1:5060"], "198.51.100.1"),
        (['"[2001:db8::1]:80"'], "2001:db8::/64"),
        (["unknown"], "127.0.0.1"),
        (["198.51.100.1, nonsense, 10.1.2.3"], "10.1.2.3"),
        ([""], "127.0.0.1"),
        ([], "127.0.0.1"),
        (["10.9.9.9"], "10.9.9.9"),
    ],
)
def test_what_a_trusted_proxy_forwards_counts_for_whom_it_names(
    forwarded: list[str], counts_for: str
) -> None:
    assert asked("127.0.0.1", *forwarded, trusted=PROXIES) == counts_for
    assert asked("::ffff:127.0.0.1", *forwarded, trusted=PROXIES) == counts_for


def test_a_list_of_networks_that_is_none_is_refused() -> None:
    assert networks(" ") == ()
    with pytest.raises(ValueError, match="nobody"):
        networks("10.0.0.0/8, nobody")

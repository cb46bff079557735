"""Ports are claimed before anything slow begins."""

import socket

import pytest

from kcnn.errors import InputError
from kcnn.serving import ports


def test_port_0_is_any_free_port_and_listens():
    with ports.claim("127.0.0.1", 0) as listening:
        address = listening.getsockname()
        assert address[1] > 0
        socket.create_connection(address, timeout=5).close()


def test_the_url_names_the_port_that_was_taken():
    with ports.claim("127.0.0.1", 0) as listening:
        assert ports.url(listening) == f"http://127.0.0.1:{listening.getsockname()[1]}"


def test_a_port_in_use_is_refused_by_number():
    with ports.claim("127.0.0.1", 0) as listening:
        port = listening.getsockname()[1]
        with pytest.raises(InputError, match=f"port {port} on 127.0.0.1 is in use: choose another with --port"):
            ports.claim("127.0.0.1", port)


def test_a_port_is_free_again_as_soon_as_its_socket_is_closed():
    with ports.claim("127.0.0.1", 0) as listening:
        port = listening.getsockname()[1]
        visitor = socket.create_connection(("127.0.0.1", port), timeout=5)
        listening.accept()[0].close()  # the server's side closes first: the connection lingers in TIME_WAIT
        visitor.close()
    ports.claim("127.0.0.1", port).close()


@pytest.mark.parametrize("host", ["", "a..b", "a" * 64, ".".join("a" * 200)])  # no name server is asked for these
def test_an_unknown_host_is_refused_by_name(host):
    with pytest.raises(InputError, match=f"host '{host}' is not an address"):
        ports.claim(host, 0)


@pytest.mark.parametrize("port", [-1, 65536])
def test_a_number_that_is_no_port_is_refused(port):
    with pytest.raises(InputError, match=rf"port must be in 0..65535, got {port}"):
        ports.claim("127.0.0.1", port)


def test_an_address_of_another_machine_is_refused():
    with pytest.raises(InputError, match="cannot listen on 192.0.2.1 port 0: Cannot assign requested address"):
        ports.claim("192.0.2.1", 0)


def test_a_socket_on_all_addresses_is_reached_on_this_machine_s_own():
    with ports.claim("0.0.0.0", 0) as listening:
        assert ports.url(listening).startswith("http://127.0.0.1:")


def has_ipv6():
    try:
        socket.create_server(("::1", 0), family=socket.AF_INET6).close()
    except OSError:
        return False
    return True


@pytest.mark.skipif(not has_ipv6(), reason="needs IPv6")
@pytest.mark.parametrize("host", ["::", "::1"])
def test_an_ipv6_address_stands_in_brackets(host):
    with ports.claim(host, 0) as listening:
        assert ports.url(listening) == f"http://[::1]:{listening.getsockname()[1]}"

"""Who is named where a server refuses something."""

import pytest

from kcnn.cli.asking import asked
from kcnn.errors import DataError
from kcnn.serving.client import Refused


class Server:
    """Refuses what is given as `bad`, and with 413 more than so many at once."""

    def __init__(self, status=400, most=99):
        self.status, self.most, self.requests = status, most, []

    def __call__(self, given):
        self.requests.append(list(given))
        if len(given) > self.most:
            raise Refused("too large", 413)
        if "bad" in given:
            raise Refused("not an image", self.status)
        return [each.upper() for each in given]


def test_all_are_asked_about_at_once():
    server = Server()

    assert asked(server, ["a", "b"], ["1", "2"]) == ["A", "B"]
    assert server.requests == [["a", "b"]]


@pytest.mark.parametrize("status", [400, 413])
def test_what_is_refused_is_named(status):
    with pytest.raises(DataError, match="^2: not an image$"):
        asked(Server(status), ["a", "bad"], ["1", "2"])


@pytest.mark.parametrize("status", [400, 413])
def test_a_single_one_is_named_without_being_asked_about_again(status):
    server = Server(status)

    with pytest.raises(DataError, match="^clip: not an image$"):
        asked(server, ["bad"], ["clip"])
    assert server.requests == [["bad"]]


def test_what_is_too_large_together_is_asked_about_one_by_one():
    assert asked(Server(most=1), ["a", "b"], ["1", "2"]) == ["A", "B"]


def test_a_server_that_fails_is_no_fault_of_what_is_given():
    server = Server(status=503)

    with pytest.raises(Refused, match="^not an image$"):
        asked(server, ["bad"], ["clip"])
    assert len(server.requests) == 1

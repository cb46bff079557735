"""Asking a server, and saying what is wrong when it does not answer."""

import json
import socket
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
import tensorflow as tf

from kcnn.errors import InputError
from kcnn.serving import ports
from kcnn.serving.client import Client, Refused
from kcnn.serving.server import running

from .conftest import ENGLISH, add, png


@pytest.fixture(scope="module")
def directory(exports, tmp_path_factory):
    """The models that the module's server has: kcnn's `colours`, and `double` of another maker."""
    made = tmp_path_factory.mktemp("served")
    add(exports["red"], made / "colours")
    other = tf.Module()
    other.double = tf.function(lambda x: {"y": x + x}, input_signature=[tf.TensorSpec([None], tf.string, "x")])
    signatures = {"serving_bytes": other.double}
    tf.saved_model.save(other, str(made / "double" / "1"), signatures=signatures)
    return made


@pytest.fixture(scope="module")
def url(directory):
    with running(directory) as address:
        yield address


@contextmanager
def another_server(body, status=200):
    """A web server that has never heard of TF Serving: it answers everything alike. Its URL, and what it was asked."""
    asked = []

    class Handler(BaseHTTPRequestHandler):
        def answer(self):
            asked.append(self.path)
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_POST = answer

        def log_message(self, *_):
            pass

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}", asked
        server.shutdown()
        thread.join()


# What it says of images


def test_the_predictions_come_in_the_order_of_the_images(url):
    colours = [2, 0, 1, 1, 0, 2, 2, 1]
    predictions = Client(url).predict_images("colours", [png(colour) for colour in colours])
    assert [each.class_name for each in predictions] == [ENGLISH[colour] for colour in colours]


def test_a_prediction_holds_the_probability_of_each_class_by_name(url):
    (prediction,) = Client(url).predict_images("colours", [png(1)])
    assert list(prediction.probabilities) == list(ENGLISH)
    assert sum(prediction.probabilities.values()) == pytest.approx(1)
    assert prediction.probability == prediction.probabilities["green"] == max(prediction.probabilities.values())


def test_a_slash_at_the_end_of_the_url_does_not_matter(url):
    assert Client(url + "/").status("colours") == {1: "AVAILABLE"}


def test_any_name_of_a_model_is_found(url, directory, exports):
    add(exports["red"], directory / "50% grün?")
    assert Client(url).predict_images("50% grün?", [png(0)])[0].class_name == "red"


def test_the_status_of_every_version_is_told(url, directory, exports):
    add(exports["red"], directory / "two")
    (add(exports["red"], directory / "two") / "saved_model.pb").write_bytes(b"damaged")
    assert Client(url).status("two") == {1: "AVAILABLE", 2: "END"}


# What the server refuses


def test_a_model_that_is_not_there_is_refused_with_the_server_s_words(url):
    with pytest.raises(Refused, match=r"Latest\(colour\) Did you mean 'colours'\?") as refused:
        Client(url).predict_images("colour", [png(0)])
    assert refused.value.status == 404


def test_a_file_that_is_no_image_is_refused_with_the_server_s_words(url):
    with pytest.raises(Refused, match="Unknown image file format") as refused:
        Client(url).predict_images("colours", [b"words"])
    assert refused.value.status == 400


def test_an_upload_beyond_the_server_s_limit_is_refused_with_the_limit(url, monkeypatch):
    monkeypatch.setattr("kcnn.serving.server.LARGEST_REQUEST", 1 << 20)
    with pytest.raises(Refused, match="the request is larger than 1 MiB") as refused:
        Client(url).predict_images("colours", [b"\0" * (6 << 20)])
    assert refused.value.status == 413


def test_an_error_in_another_server_s_words_is_told_by_its_number():
    with (
        another_server(b"<html>no</html>", status=502) as (address, _),
        pytest.raises(Refused, match="the server answered 502 Bad Gateway") as refused,
    ):
        Client(address).predict_images("colours", [png(0)])
    assert refused.value.status == 502


# What is no server for kcnn's models


def test_a_model_of_another_maker_is_named(url):
    with pytest.raises(InputError, match="double at http.* does not answer as models exported by kcnn do"):
        Client(url).predict_images("double", [png(0)])


OTHERS = {
    "a web page": b"<html>",
    "another API": b'{"status": "ok"}',
    "a list": b"[]",
    "no text": b"\xff\xfe\x00",
    "versions that are no numbers": json.dumps(
        {"model_version_status": [{"version": "one", "state": 1}], "predictions": 3}
    ).encode(),
}


@pytest.mark.parametrize("body", OTHERS.values(), ids=OTHERS)
@pytest.mark.parametrize("ask", [lambda client: client.status("m"), lambda client: client.predict_images("m", [b""])])
def test_a_server_that_speaks_otherwise_is_named(body, ask):
    with another_server(body) as (address, _), pytest.raises(InputError) as refused:
        ask(Client(address))
    assert address in str(refused.value)
    assert "does not" in str(refused.value)


def test_where_nothing_listens_the_user_is_told_what_starts_a_server():
    with ports.claim("127.0.0.1", 0) as listening:
        free = ports.url(listening)
    with pytest.raises(InputError, match=rf"no server answers at {free} \(.*refused\): kcnn serve starts one"):
        Client(free).status("colours")


def test_a_server_that_hangs_is_left_after_the_timeout():
    with (
        ports.claim("127.0.0.1", 0) as silent,
        pytest.raises(InputError, match=r"did not answer within 0.1 s: --timeout waits longer"),
    ):
        Client(ports.url(silent), timeout=0.1).status("colours")


def test_a_server_that_hangs_up_is_no_server():
    def hang_up():
        visitor, _ = listening.accept()
        visitor.recv(65536)
        visitor.shutdown(socket.SHUT_RDWR)
        visitor.close()

    with ports.claim("127.0.0.1", 0) as listening:
        thread = threading.Thread(target=hang_up)
        thread.start()
        with pytest.raises(InputError, match="no server answers at"):
            Client(ports.url(listening)).status("colours")
        thread.join()


@pytest.mark.parametrize(
    "url",
    ["", "127.0.0.1:8501", "ftp://127.0.0.1", "http://", "http://:8501", "http://[::1", "http://h:x", "http://h:70000"],
)
def test_what_is_no_url_is_refused_before_anything_is_asked(url):
    with pytest.raises(InputError, match="server must be a URL such as http://127.0.0.1:8501, got"):
        Client(url)


# Proxies


@pytest.fixture
def proxy(monkeypatch):
    """What the proxy of the environment was asked."""
    for name in ("no_proxy", "NO_PROXY", "HTTP_PROXY"):
        monkeypatch.delenv(name, raising=False)
    with another_server(b'{"model_version_status": []}') as (address, asked):
        monkeypatch.setenv("http_proxy", address)
        yield asked


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_a_proxy_is_not_asked_for_this_machine(url, proxy, host):
    assert Client(url.replace("127.0.0.1", host)).status("colours") == {1: "AVAILABLE"}
    assert proxy == []


def test_a_proxy_is_asked_for_other_machines(proxy):
    Client("http://models.example:8501").status("colours")
    assert proxy == ["http://models.example:8501/v1/models/colours"]

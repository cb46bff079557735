"""What appears, changes and breaks while the embedded server runs, and how it starts and stops."""

import logging
import shutil
import socket
from urllib.parse import quote, urlsplit

import pytest
import tensorflow as tf
from google.protobuf import json_format
from tensorflow_serving.apis.get_model_status_pb2 import GetModelStatusResponse, ModelVersionStatus

from kcnn.serving import ports
from kcnn.serving.server import running

from .asking import call, names, pixels
from .conftest import ENGLISH, add


@pytest.fixture
def serving(colours):
    """The URL of a server for `colours`."""
    with running(colours) as address:
        yield address


def test_a_version_that_appears_answers_the_next_request(serving, colours, exports):
    assert names(serving, pixels(0)) == ["red"]
    add(exports["rot"], colours / "colours")
    assert names(serving, pixels(0)) == ["rot"]


def test_a_model_that_appears_is_served(serving, colours, exports):
    assert call(f"{serving}/v1/models/farben")[0] == 404
    add(exports["rot"], colours / "farben")
    assert names(serving, pixels(2), "farben") == ["blau"]


def test_a_version_that_is_replaced_answers_anew(serving, colours, exports):
    assert names(serving, pixels(0)) == ["red"]
    shutil.rmtree(colours / "colours" / "1")
    add(exports["rot"], colours / "colours")
    assert names(serving, pixels(0)) == ["rot"]


def test_a_version_that_vanishes_answers_no_more(serving, colours, exports):
    add(exports["rot"], colours / "colours")
    assert names(serving, pixels(0)) == ["rot"]
    shutil.rmtree(colours / "colours" / "2")
    assert names(serving, pixels(0)) == ["red"]
    assert call(f"{serving}/v1/models/colours/versions/2")[0] == 404


@pytest.mark.parametrize("folder", [".exporting-abc", "best", "2.5", "-2", "²", "2-copy"])
def test_a_folder_whose_name_is_no_number_is_not_served(serving, colours, exports, folder):
    shutil.copytree(exports["rot"], colours / "colours" / folder)
    _, answer = call(f"{serving}/v1/models/colours")
    assert [each["version"] for each in answer["model_version_status"]] == ["1"]
    assert names(serving, pixels(0)) == ["red"]


def test_a_version_may_have_leading_zeros_as_those_of_tf_serving_s_examples_have(serving, colours, exports):
    shutil.copytree(exports["rot"], colours / "colours" / "00000123")
    assert names(serving, pixels(0)) == ["rot"]
    assert names(serving, pixels(0), "colours/versions/123") == ["rot"]


def damage(version, how):
    if how == "cut":
        graph = version / "saved_model.pb"
        graph.write_bytes(graph.read_bytes()[:1000])
    if how == "empty":
        (version / "saved_model.pb").write_bytes(b"")
    if how == "without variables":
        shutil.rmtree(version / "variables")


@pytest.mark.parametrize("how", ["cut", "empty", "without variables"])
def test_a_damaged_version_has_come_to_its_end_and_the_older_one_still_answers(serving, colours, exports, how):
    damage(add(exports["rot"], colours / "colours"), how)
    _, answer = call(f"{serving}/v1/models/colours")
    bad, good = json_format.ParseDict(answer, GetModelStatusResponse()).model_version_status
    assert (good.version, good.state) == (1, ModelVersionStatus.AVAILABLE)
    assert (bad.version, bad.state) == (2, ModelVersionStatus.END)
    assert bad.status.error_message.strip()
    assert "\n" not in bad.status.error_message
    assert names(serving, pixels(0)) == ["red"]
    assert call(f"{serving}/v1/models/colours/versions/2:predict", pixels(0))[0] == 404


def test_a_version_that_is_copied_in_slowly_answers_once_it_is_complete(serving, colours, exports):
    half = colours / "colours" / "2"
    half.mkdir()
    shutil.copy(exports["rot"] / "saved_model.pb", half)
    assert names(serving, pixels(0)) == ["red"]
    shutil.copytree(exports["rot"] / "variables", half / "variables")
    assert names(serving, pixels(0)) == ["rot"]


def test_a_model_of_another_maker_with_an_unnamed_single_output_is_served(serving, colours):
    module = tf.Module()
    module.double = tf.function(lambda x: {"y": 2 * x}, input_signature=[tf.TensorSpec([None], tf.float32, "x")])
    tf.saved_model.save(module, str(colours / "double" / "1"), signatures=module.double)
    answer = call(f"{serving}/v1/models/double:predict", {"instances": [1, 2.5]})
    assert answer == (200, {"predictions": [2.0, 5.0]})


# Starting and stopping


def test_a_client_that_hangs_up_is_no_error_of_the_server(colours, caplog):
    with running(colours) as address:
        logging.getLogger("uvicorn.error").addHandler(caplog.handler)
        with socket.create_connection(("127.0.0.1", urlsplit(address).port), timeout=5) as visitor:
            visitor.sendall(b"POST /v1/models/colours:predict HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n{")
        assert names(address, pixels(0)) == ["red"]
    logging.getLogger("uvicorn.error").removeHandler(caplog.handler)
    assert not [record for record in caplog.records if record.levelno >= logging.ERROR]


def test_a_directory_without_models_is_served_as_empty(tmp_path):
    with running(tmp_path / "missing") as address:
        assert call(f"{address}/v1/models") == (200, {"models": []})


def test_its_port_is_free_once_it_has_stopped(tmp_path):
    with running(tmp_path) as address:
        port = urlsplit(address).port
    ports.claim("127.0.0.1", port).close()


def test_names_are_quoted_in_the_path(serving, colours, exports):
    add(exports["red"], colours / "rot & grün")
    assert names(serving, pixels(1), quote("rot & grün")) == [ENGLISH[1]]

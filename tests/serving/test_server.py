"""The embedded server, asked over HTTP as TF Serving would be."""

import base64
import json
import logging
import shutil
import socket
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import quote, urlsplit

import numpy as np
import pytest
import tensorflow as tf
from google.protobuf import json_format
from tensorflow.core.protobuf.saved_model_pb2 import SavedModel
from tensorflow_serving.apis.get_model_metadata_pb2 import SignatureDefMap
from tensorflow_serving.apis.get_model_status_pb2 import GetModelStatusResponse, ModelVersionStatus
from tensorflow_serving.apis.model_pb2 import ModelSpec

from kcnn.serving import ports, server
from kcnn.serving.server import running

from .conftest import ENGLISH, GERMAN, add, image, png

DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def call(url, document=None, method=None):
    """Status and JSON of what the server answers; a document is POSTed."""
    body = document if document is None or isinstance(document, bytes) else json.dumps(document).encode()
    try:
        with DIRECT.open(urllib.request.Request(url, body, method=method), timeout=60) as response:
            return response.status, json.load(response)
    except urllib.error.HTTPError as error:
        with error:
            return error.code, json.load(error)


def names(url, document, path="colours"):
    """The class names that a model answers with, in row form."""
    status, answer = call(f"{url}/v1/models/{path}:predict", document)
    assert status == 200, answer
    return [row["class_name"] for row in answer["predictions"]]


def pixels(*colours):
    return {"instances": [image(colour).tolist() for colour in colours]}


def b64(content):
    return {"b64": base64.b64encode(content).decode()}


@pytest.fixture(scope="module")
def url(exports, tmp_path_factory):
    """A server with two versions of `colours`: 1 answers in English, 2 in German."""
    directory = tmp_path_factory.mktemp("served")
    for language in ("red", "rot"):
        add(exports[language], directory / "colours")
    with running(directory) as address:
        yield address


# What is there


def test_it_is_healthy(url):
    assert call(f"{url}/health") == (200, {"status": "ok"})


def test_it_lists_its_models(url):
    assert call(f"{url}/v1/models") == (200, {"models": ["colours"]})


def test_the_status_is_tf_serving_s_message_newest_version_first(url):
    _, answer = call(f"{url}/v1/models/colours")
    status = json_format.ParseDict(answer, GetModelStatusResponse())
    assert [(each.version, each.state) for each in status.model_version_status] == [
        (2, ModelVersionStatus.AVAILABLE),
        (1, ModelVersionStatus.AVAILABLE),
    ]


def test_the_status_of_one_version_is_of_that_one_only(url):
    _, answer = call(f"{url}/v1/models/colours/versions/1")
    assert [each["version"] for each in answer["model_version_status"]] == ["1"]


@pytest.mark.parametrize(("path", "version"), [("colours", 2), ("colours/versions/1", 1)])
def test_the_metadata_name_the_version_they_are_of(url, path, version):
    _, answer = call(f"{url}/v1/models/{path}/metadata")
    spec = json_format.ParseDict(answer["model_spec"], ModelSpec())
    assert (spec.name, spec.version.value) == ("colours", version)


def test_the_metadata_are_the_signatures_that_the_savedmodel_holds(url, exports):
    _, answer = call(f"{url}/v1/models/colours/versions/1/metadata")
    told = json_format.ParseDict(answer["metadata"]["signature_def"], SignatureDefMap()).signature_def
    held = SavedModel.FromString((exports["red"] / "saved_model.pb").read_bytes()).meta_graphs[0].signature_def
    assert sorted(told) == ["serving_bytes", "serving_default"]
    for name, definition in told.items():
        assert definition == held[name]


# What it predicts


def test_the_latest_version_answers_unless_one_is_named(url):
    assert names(url, pixels(0)) == ["rot"]
    assert names(url, pixels(0), "colours/versions/1") == ["red"]


def test_pixels_in_row_form_are_answered_row_by_row(url):
    assert names(url, pixels(2, 0, 1, 1)) == ["blau", "rot", "grün", "grün"]


def test_a_row_holds_the_probability_of_every_class(url):
    _, answer = call(f"{url}/v1/models/colours:predict", pixels(1))
    (row,) = answer["predictions"]
    assert row["class_names"] == list(GERMAN)
    assert sum(row["probabilities"]) == pytest.approx(1)
    assert row["probability"] == max(row["probabilities"]) == row["probabilities"][1]


def test_pixels_in_column_form_are_answered_output_by_output(url):
    status, answer = call(f"{url}/v1/models/colours:predict", {"inputs": pixels(2, 0)["instances"]})
    assert status == 200
    assert answer["outputs"]["class_name"] == ["blau", "rot"]
    assert np.shape(answer["outputs"]["probabilities"]) == (2, 3)


@pytest.mark.parametrize("form", ["predictions", "outputs"])
def test_files_are_answered_as_their_pixels_are(url, form):
    asked = "instances" if form == "predictions" else "inputs"
    files = {"signature_name": "serving_bytes", asked: [b64(png(colour)) for colour in (2, 0, 1)]}
    array = {asked: pixels(2, 0, 1)["instances"]}
    from_files, from_pixels = (call(f"{url}/v1/models/colours:predict", each)[1][form] for each in (files, array))
    assert from_files == from_pixels


def test_files_of_different_sizes_are_answered_together(url):
    files = {"signature_name": "serving_bytes", "instances": [b64(png(0, 9, 3)), b64(png(2, 1, 20))]}
    assert names(url, files) == ["rot", "blau"]


def test_eight_clients_at_once_get_each_the_answer_to_its_own_question(url):
    questions = [np.random.default_rng(seed).integers(0, 3, 5).tolist() for seed in range(64)]
    with ThreadPoolExecutor(8) as clients:
        answers = list(clients.map(lambda colours: names(url, pixels(*colours)), questions))
    assert answers == [[GERMAN[colour] for colour in colours] for colours in questions]


# What it refuses


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("colour", "Could not find any versions of model colour"),
        ("colour/metadata", "Servable not found for request: Latest(colour) Did you mean 'colours'?"),
        ("colours/versions/3", "Could not find version 3 of model colours"),
        ("colours/versions/3/metadata", "Servable not found for request: Specific(colours, 3)"),
        ("..", "Could not find any versions of model .."),
        ("..%2fcolours", "Not Found: GET /v1/models/../colours"),
        ("%00", "Could not find any versions of model \0"),
        ("x" * 300, f"Could not find any versions of model {'x' * 300}"),
        ("colours/versions/one", "Not Found: GET /v1/models/colours/versions/one"),
        (f"colours/versions/{'9' * 5000}", f"Not Found: GET /v1/models/colours/versions/{'9' * 5000}"),
        ("colours/versions/1/versions/1", "Not Found: GET /v1/models/colours/versions/1/versions/1"),
    ],
)
def test_what_is_not_there_is_404(url, path, message):
    assert call(f"{url}/v1/models/{path}") == (404, {"error": message})


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("colour", "Servable not found for request: Latest(colour) Did you mean 'colours'?"),
        ("colours/versions/3", "Servable not found for request: Specific(colours, 3)"),
    ],
)
def test_nothing_is_predicted_by_what_is_not_there(url, path, message):
    assert call(f"{url}/v1/models/{path}:predict", pixels(0)) == (404, {"error": message})


def test_outside_the_api_nothing_is_found(url):
    assert call(f"{url}/v2/models") == (404, {"error": "Not Found: GET /v2/models"})


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "colours:predict"),
        ("PUT", "colours:predict"),
        ("GET", "colours/versions/1:predict"),
        ("POST", "colours"),
        ("DELETE", "colours"),
        ("POST", "colours/metadata"),
        ("POST", "colours:classify"),
    ],
)
def test_another_method_is_405(url, method, path):
    answer = call(f"{url}/v1/models/{path}", method=method)
    assert answer == (405, {"error": f"Method Not Allowed: {method} /v1/models/{path}"})


HALF_A_PNG = png(0, 64, 64)[:60]
BAD = {
    "no JSON": (b"{", "the request is not JSON"),
    "nothing": (b"", "the request is not JSON"),
    "no examples": ({"instances": []}, "at least one example"),
    "an unknown signature": ({"signature_name": "bytes"} | pixels(0), "unknown signature_name 'bytes'"),
    "an unknown input": ({"instances": [{"image": 1}]}, "the inputs are 'images', got 'image'"),
    "one image where many are asked for": ({"instances": image(0).tolist()}, "images must have the shape"),
    "four channels": ({"instances": [[[[1, 2, 3, 4]]]]}, "images must have the shape (any, any, any, 3)"),
    "no pixels": ({"instances": [[]]}, "images must have the shape"),
    "images of different sizes": (
        {"instances": [image(0).tolist(), image(0, 5).tolist()]},
        "images: the lists must have equal lengths",
    ),
    "a pixel of 256": ({"instances": [[[[0, 0, 256]]]]}, "images must be in 0..255, got 256"),
    "a pixel below 0": ({"instances": [[[[0, 0, -1]]]]}, "images must be in 0..255, got -1"),
    "fractions": ({"instances": [[[[0.5, 0.5, 0.5]]]]}, "images must hold values of type uint8, got a fraction"),
    "broken base64": (
        {"signature_name": "serving_bytes", "instances": [{"b64": "?"}]},
        "image_bytes: the value of 'b64' is not base64",
    ),
    "half a surrogate pair": (
        {"signature_name": "serving_bytes", "instances": ["\ud800"]},
        "image_bytes must hold Unicode text",
    ),
    "words": ({"signature_name": "serving_bytes", "instances": [b64(b"these are words")]}, "Unknown image file format"),
    "an empty file": ({"signature_name": "serving_bytes", "instances": [b64(b"")]}, ""),
    "half an image": ({"signature_name": "serving_bytes", "instances": [b64(HALF_A_PNG)]}, "Invalid PNG"),
    "a bad file among good ones": (
        {"signature_name": "serving_bytes", "instances": [b64(png(0)), b64(b"words"), b64(png(0))]},
        "Unknown image file format",
    ),
}


@pytest.mark.parametrize("fault", BAD)
def test_a_bad_request_is_400_with_one_sentence_and_the_server_goes_on(url, fault):
    document, message = BAD[fault]
    status, answer = call(f"{url}/v1/models/colours:predict", document)
    assert status == 400
    assert message in answer["error"]
    assert answer["error"].strip()
    assert "\n" not in answer["error"]
    assert "[[" not in answer["error"]
    assert names(url, pixels(0)) == ["rot"]


def test_a_request_beyond_the_limit_is_413_and_the_server_goes_on(url, monkeypatch):
    monkeypatch.setattr(server, "LARGEST_REQUEST", 1 << 20)
    status, answer = call(f"{url}/v1/models/colours:predict", b" " * (8 << 20))
    assert (status, answer) == (413, {"error": "the request is larger than 1 MiB"})
    assert names(url, pixels(0)) == ["rot"]


# What appears and what breaks while it serves


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

"""The embedded server, asked over HTTP as TF Serving would be."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from google.protobuf import json_format
from tensorflow.core.protobuf.saved_model_pb2 import SavedModel
from tensorflow_serving.apis.get_model_metadata_pb2 import SignatureDefMap
from tensorflow_serving.apis.get_model_status_pb2 import GetModelStatusResponse, ModelVersionStatus
from tensorflow_serving.apis.model_pb2 import ModelSpec

from kcnn.serving import server
from kcnn.serving.server import running

from .asking import b64, call, names, pixels
from .conftest import GERMAN, add, image, png


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

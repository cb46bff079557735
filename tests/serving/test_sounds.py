"""Requests about recordings and for sounds, as the server reads them."""

import base64
import json

import numpy as np
import pytest

from kcnn.errors import InputError
from kcnn.serving.client import Client
from kcnn.serving.messages import DEFAULT_SIGNATURE, Tensor, encode_sayings, encode_sounds, parse

from .test_client import another_server

TEXT, LONG, FLOAT = np.dtype(object), np.dtype(np.int64), np.dtype(np.float32)


def test_files_are_sent_byte_by_byte():
    files = [b"RIFF\x00\xff", b""]

    request = parse(encode_sounds(files), {DEFAULT_SIGNATURE: {"wav_bytes": Tensor(TEXT, (-1,))}})

    assert request.inputs["wav_bytes"].tolist() == files


def test_a_sound_is_asked_for_by_what_is_told_a_seed_and_its_seconds():
    signature = {
        "class_name": Tensor(TEXT, (-1,)),
        "speaker": Tensor(TEXT, (-1,)),
        "seed": Tensor(LONG, (-1,)),
        "seconds": Tensor(FLOAT, (-1,)),
    }
    said = [{"class_name": "7", "speaker": "käthe"}, {"class_name": "3", "speaker": "theo"}]

    request = parse(encode_sayings(said, [5, 6], 0.25), {DEFAULT_SIGNATURE: signature})

    found = {name: value.tolist() for name, value in request.inputs.items()}
    assert found == {
        "class_name": [b"7", b"3"],
        "speaker": ["käthe".encode(), b"theo"],
        "seed": [5, 6],
        "seconds": [0.25, 0.25],
    }


def metadata(*inputs):
    signatures = {DEFAULT_SIGNATURE: {"inputs": {name: {} for name in inputs}, "outputs": {"wav_bytes": {}}}}
    return json.dumps({"metadata": {"signature_def": {"signature_def": signatures}}}).encode()


@pytest.mark.parametrize(
    ("inputs", "kind"),
    [
        (("wav_bytes",), "sounds"),
        (("seed", "seconds"), "sound generator"),
        (("seed", "seconds", "class_name"), "sound generator"),
        (("seed", "seconds", "class_name", "speaker"), "sound generator"),
        (("seed", "class_name"), "generator"),
    ],
)
def test_whom_a_model_is_for_is_known_by_what_it_takes(inputs, kind):
    with another_server(metadata(*inputs)) as (url, _):
        client = Client(url)

        assert client.kind("model") == kind
        if kind == "sound generator":
            assert client.sound_inputs("model") == tuple(sorted(set(inputs) - {"seed", "seconds"}))


def test_the_answer_is_a_file():
    body = json.dumps({"predictions": [{"wav_bytes": {"b64": base64.b64encode(b"RIFF").decode()}, "codes": [1]}]})
    with another_server(body.encode()) as (url, _):
        (sound,) = Client(url).make_sounds("model", [{}], [0], 0.1)

    assert sound.wav == b"RIFF"


@pytest.mark.parametrize("body", [b"{}", b'{"metadata": 3}', metadata("x")])
def test_a_model_of_another_maker_is_none_of_kcnn_s(body):
    with another_server(body) as (url, _), pytest.raises(InputError, match="is no model exported by kcnn"):
        Client(url).kind("model")

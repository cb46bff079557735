"""Requests about clips, from the client to the server and back."""

import json

import numpy as np
import pytest
import tensorflow as tf
from scipy.special import softmax

from kcnn.errors import InputError
from kcnn.exporting.saved_model import publish, write
from kcnn.exporting.videos import ClipClassifier
from kcnn.serving.answers import Viewing
from kcnn.serving.client import Client, Refused
from kcnn.serving.frames import EXACT, as_files, as_jpeg, as_png, fitting
from kcnn.serving.messages import DEFAULT_SIGNATURE, Tensor, encode_clip, encode_question, parse
from kcnn.serving.server import LARGEST_REQUEST, running
from tests.clips import CLASSES, FRAMES, HEIGHT, WIDTH, clips, network, preparation

from .test_client import another_server

TEXT = np.dtype(object)


def test_a_clip_is_sent_as_a_file_a_frame():
    frames = [b"\x89PNG\x00\xff", b"", b"2"]

    request = parse(encode_clip(frames), {DEFAULT_SIGNATURE: {"frame_bytes": Tensor(TEXT, (-1, -1))}})

    assert request.inputs["frame_bytes"].tolist() == [frames]
    assert request.rows


def test_what_is_seen_is_asked_of_a_signature_of_its_own():
    request = parse(encode_question("viewing"), {"viewing": {"question": Tensor(TEXT, (-1,))}})

    assert request.signature == "viewing"
    assert request.inputs["question"].shape == (1,)


# Frames as files


@pytest.mark.parametrize("channels", [1, 3])
def test_frames_are_sent_without_loss(channels):
    frames = clips(1, channels=channels)[0]

    files = as_files(iter(frames), frames.nbytes, (HEIGHT, WIDTH))

    np.testing.assert_array_equal([tf.io.decode_png(file, channels) for file in files], frames)


@pytest.mark.parametrize("channels", [1, 3])
def test_a_clip_too_large_for_a_request_that_is_seen_so_large_is_sent_with_little_loss(channels):
    ramp = np.arange(64, dtype=np.uint8)[:, np.newaxis] + np.arange(64, dtype=np.uint8)
    frames = np.broadcast_to(2 * ramp[..., np.newaxis], (2, 64, 64, channels)).copy()

    files = as_files(frames, EXACT + 1, (64, 64))

    assert files == [as_jpeg(frame) for frame in frames]
    decoded = np.stack([tf.io.decode_jpeg(file, channels) for file in files]).astype(int)
    assert np.abs(decoded - frames).max() <= 6


@pytest.mark.parametrize("channels", [1, 3])
def test_a_clip_too_large_for_a_request_is_shrunk_until_it_fits(channels):
    frames = np.random.default_rng(0).integers(0, 256, (2, 48, 60, channels), np.uint8)

    files = as_files(frames, 4 * EXACT, (8, 10))

    means = frames.reshape(2, 24, 2, 30, 2, channels).mean((2, 4))
    decoded = np.stack([tf.io.decode_png(file, channels) for file in files])
    np.testing.assert_allclose(decoded, means, atol=0.5)


@pytest.mark.parametrize(("seen", "size"), [((8, 10), (16, 20)), ((12, 10), (24, 30)), ((20, 10), (48, 60))])
def test_a_clip_is_not_shrunk_below_twice_what_is_seen(seen, size):
    frames = np.zeros((1, 48, 60, 3), np.uint8)

    (file,) = as_files(frames, 100 * EXACT, seen)

    assert tf.io.decode_image(file).shape[:2] == size
    assert file.startswith(b"\xff\xd8")  # JPEG: still larger than a request has room for


@pytest.mark.parametrize("channels", [1, 3])
def test_a_folder_of_frames_is_sent_as_it_is_or_shrunk_as_other_clips(monkeypatch, channels):
    frames = np.random.default_rng(0).integers(0, 256, (3, 48, 60, channels), np.uint8)
    files = [as_png(frame) for frame in frames]

    assert fitting(files, channels, (8, 10)) is files
    monkeypatch.setattr("kcnn.serving.frames.EXACT", frames.nbytes // 4)
    assert fitting(files, channels, (8, 10)) == as_files(frames, frames.nbytes, (8, 10))
    assert [tf.io.decode_image(file).shape for file in fitting(files, channels, (8, 10))] == [(24, 30, channels)] * 3
    assert fitting([b"words" * 9999], channels, (8, 10)) == [b"words" * 9999]


def test_frames_of_4k_fit_a_request():
    frame = np.random.default_rng(0).integers(0, 256, (2160, 3840, 3), np.uint8)

    files = as_files([frame], 64 * frame.nbytes, (112, 112))

    assert 4 / 3 * 64 * len(files[0]) < LARGEST_REQUEST


def test_whatever_a_clip_shows_it_has_room_in_a_request():
    """Noise, which nothing compresses."""
    noise = np.random.default_rng(0).integers(0, 256, (256, 256, 3), np.uint8)

    assert 4 / 3 * EXACT * len(as_png(noise)) / noise.nbytes < LARGEST_REQUEST


# Asked


@pytest.fixture(scope="module")
def model():
    return network()


@pytest.fixture(scope="module")
def client(model, tmp_path_factory):
    directory = tmp_path_factory.mktemp("served")
    for name, rate in (("clips", None), ("at_a_rate", 12.5)):
        publish(write(ClipClassifier(model, preparation(rate), CLASSES), directory / name), directory / name)
    with running(directory) as url:
        yield Client(url)


def test_clips_are_answered_as_the_model_does_in_their_order(client, model):
    some = [clips(1, frames, seed=frames)[0] for frames in (FRAMES, 2, FRAMES + 5)]
    prepared = preparation()
    seen = np.stack([some[0], prepared.stretch(some[1]), some[2][2:][:FRAMES]])
    shares = softmax(np.asarray(model(prepared.standardize(seen), training=False)), -1)

    answers = client.clips("clips", [[as_png(frame) for frame in clip] for clip in some])

    assert client.kind("clips") == "clips"
    for answer, row in zip(answers, shares, strict=True):
        assert list(answer.probabilities) == list(CLASSES)
        np.testing.assert_allclose(list(answer.probabilities.values()), row, atol=1e-5)
        assert answer.class_name == CLASSES[row.argmax()]
        assert answer.probability == pytest.approx(row.max(), abs=1e-5)


@pytest.mark.parametrize(("name", "rate"), [("clips", None), ("at_a_rate", 12.5)])
def test_a_client_is_told_what_of_a_clip_is_seen(client, name, rate):
    assert client.viewing(name) == Viewing(FRAMES, HEIGHT, WIDTH, 3, rate)


def test_a_frame_that_is_no_picture_is_refused_in_the_server_s_words(client):
    with pytest.raises(Refused, match="Unknown image file format") as refused:
        client.clips("clips", [[b"words"]])
    assert refused.value.status == 400


def test_a_clip_without_frames_is_refused(client):
    with pytest.raises(Refused, match=r"frame_bytes must have the shape \(any, any\)"):
        client.clips("clips", [[]])


@pytest.mark.parametrize("body", [b'{"predictions": [{"frames": 3}]}', b'{"predictions": 3}'])
def test_who_does_not_say_what_is_seen_is_none_of_kcnn_s(body):
    with another_server(body) as (url, _), pytest.raises(InputError, match="does not answer as models exported by"):
        Client(url).viewing("model")


def test_whom_a_model_is_for_is_known_by_what_it_takes():
    signatures = {DEFAULT_SIGNATURE: {"inputs": {"frame_bytes": {}}, "outputs": {"class_name": {}}}}
    body = json.dumps({"metadata": {"signature_def": {"signature_def": signatures}}}).encode()
    with another_server(body) as (url, _):
        assert Client(url).kind("model") == "clips"

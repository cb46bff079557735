"""A classifier of clips as a SavedModel: files and arrays are answered as the Keras model does."""

import cv2
import numpy as np
import pytest
import tensorflow as tf
from scipy.special import softmax

from kcnn.exporting.saved_model import write
from kcnn.exporting.videos import ClipClassifier, stretch
from kcnn.serving.frames import as_jpeg, as_png
from tests.clips import CLASSES, FRAMES, HEIGHT, WIDTH, Shown, clips, network, preparation


@pytest.fixture(scope="module")
def model():
    return network()


@pytest.fixture(scope="module")
def signatures(model, tmp_path_factory):
    folder = write(ClipClassifier(model, preparation(), CLASSES), tmp_path_factory.mktemp("clips"))
    return tf.saved_model.load(str(folder)).signatures


def files(pixels, encode=as_png):
    return tf.constant([[encode(frame) for frame in clip] for clip in pixels])


def expected(model, pixels, prepared=None):
    """The model's own probabilities for clips of any length and size, made ready as the source does it."""
    prepared = prepared or preparation()
    seen = []
    for clip in pixels:
        first = max(0, len(clip) - FRAMES) // 2
        shown = Shown(clip).seen(first, FRAMES, prepared.image.channels)
        seen.append(prepared.stretch(shown))
    return softmax(np.asarray(model(prepared.standardize(np.stack(seen)), training=False)), -1)


# What it answers


@pytest.mark.parametrize("count", [1, 3])
def test_clips_as_the_network_sees_them_are_answered_as_the_model_does(signatures, model, count):
    pixels = clips(count)

    encoded = signatures["serving_default"](frame_bytes=files(pixels))
    arrays = signatures["serving_frames"](frames=tf.constant(pixels))

    shares = expected(model, pixels)
    for answer in (encoded, arrays):
        np.testing.assert_allclose(answer["probabilities"], shares, atol=1e-6)
        np.testing.assert_allclose(answer["probability"], shares.max(-1), atol=1e-6)
        assert [name.decode() for name in answer["class_name"].numpy()] == [CLASSES[best] for best in shares.argmax(-1)]
        assert answer["class_names"].shape == (count, len(CLASSES))


@pytest.mark.parametrize("frames", [1, 2, 3, 5, 6, 11])
@pytest.mark.parametrize("size", [(HEIGHT, WIDTH), (13, 7), (5, 20)])
def test_clips_of_any_length_and_size_are_made_ready_as_those_of_training(signatures, model, frames, size):
    pixels = clips(2, frames, size, seed=frames)

    encoded = signatures["serving_default"](frame_bytes=files(pixels))
    arrays = signatures["serving_frames"](frames=tf.constant(pixels))

    for answer in (encoded, arrays):
        np.testing.assert_allclose(answer["probabilities"], expected(model, pixels), atol=1e-5)


def test_which_frames_are_seen_and_in_which_order_makes_a_difference(signatures):
    pixels = clips(1, 2 * FRAMES)
    other = [pixels, pixels[:, ::-1], pixels[:, :FRAMES]]

    answers = [signatures["serving_default"](frame_bytes=files(each))["probabilities"].numpy() for each in other]

    assert np.abs(answers[0] - answers[1]).max() > 1e-3
    assert np.abs(answers[0] - answers[2]).max() > 1e-3


def test_a_frame_that_is_not_seen_is_not_even_decoded(signatures):
    pixels = clips(1, FRAMES + 2)
    encoded = files(pixels).numpy()
    encoded[0, 0] = encoded[0, -1] = b"no picture"

    answer = signatures["serving_default"](frame_bytes=tf.constant(encoded))

    assert answer["probabilities"].shape == (1, len(CLASSES))


def test_frames_may_be_jpeg(signatures, model):
    pixels = np.repeat(clips(1)[:, :, :1, :1], HEIGHT, axis=2).repeat(WIDTH, axis=3)  # of one colour each

    answer = signatures["serving_default"](frame_bytes=files(pixels, as_jpeg))

    np.testing.assert_allclose(answer["probabilities"], expected(model, pixels), atol=0.05)


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        ({"frame_bytes": tf.constant([[b"words"]])}, "Unknown image file format"),
        ({"frame_bytes": tf.zeros([1, 0], tf.string)}, "a clip has no frames"),
    ],
)
def test_what_is_no_clip_is_refused(signatures, asked, says):
    with pytest.raises(tf.errors.InvalidArgumentError, match=says):
        signatures["serving_default"](**asked)


@pytest.mark.parametrize("rate", [None, 12.5])
def test_a_gif_as_a_file_has_no_signature_whatever_the_rate(model, tmp_path, rate):
    """TensorFlow's decoder leaves standing what a GIF says is to be taken away, and has no times."""
    folder = write(ClipClassifier(model, preparation(rate), CLASSES), tmp_path)

    signatures = tf.saved_model.load(str(folder)).signatures

    assert set(signatures) == {"serving_default", "serving_frames", "viewing"}
    assert signatures["viewing"](question=tf.constant(["?"]))["rate"].numpy().tolist() == [rate or 0.0]


# Grey


def test_a_grey_network_sees_colours_as_greys(tmp_path):
    model, prepared = network(channels=1), preparation(channels=1)
    signatures = tf.saved_model.load(str(write(ClipClassifier(model, prepared, CLASSES), tmp_path))).signatures
    pixels = np.random.default_rng(0).choice([0, 60, 250], (FRAMES, 9, 12, 3)).astype(np.uint8)
    as_grey = np.stack([cv2.cvtColor(frame, cv2.COLOR_RGB2GRAY) for frame in pixels])[..., np.newaxis]

    answers = [
        signatures["serving_default"](frame_bytes=files(as_grey[np.newaxis])),
        signatures["serving_frames"](frames=tf.constant(as_grey[np.newaxis])),
    ]

    for answer in answers:
        np.testing.assert_allclose(answer["probabilities"], expected(model, [as_grey], prepared), atol=1e-5)
    coloured = signatures["serving_default"](frame_bytes=files(pixels[np.newaxis]))
    np.testing.assert_allclose(coloured["probabilities"], answers[0]["probabilities"], atol=0.02)


# What it says of itself


def test_it_says_what_of_a_clip_it_sees(signatures):
    told = signatures["viewing"](question=tf.constant(["?", "!"]))

    found = {name: value.numpy().tolist() for name, value in told.items()}
    sizes = {"frames": FRAMES, "height": HEIGHT, "width": WIDTH, "channels": 3, "rate": 0.0}
    assert found == {name: [value] * 2 for name, value in sizes.items()}


@pytest.mark.parametrize(
    ("count", "middle"), [(1, [0, 0, 0, 0]), (3, [0, 1, 2, 2]), (4, [0, 1, 2, 3]), (5, [0, 1, 2, 3]), (9, [2, 3, 4, 5])]
)
def test_the_middle_is_seen_and_the_last_frame_goes_on(count, middle):
    assert stretch(tf.range(count)[tf.newaxis], 4)[0].numpy().tolist() == middle

"""What is looked at in a clip, and when: saliency and Grad-CAM through time."""

import keras
import numpy as np
import pytest
from keras import layers

from kcnn.errors import InputError
from kcnn.explain.clips import clip_view
from kcnn.explain.grad_cam import enlarged, enlarged_in_time, grad_cam
from kcnn.explain.network import batch, classes_of
from kcnn.explain.saliency import pixel_gradient, saliency, smooth_grad
from kcnn.layers.precision import precision
from tests.explain.networks import linear

RANDOM = np.random.default_rng(0)
FRAMES, SIDE = 8, 12


def flash_detector():
    """Two classes: the logit of class 1 is the mean of maps that answer a bright 3x3 square in two frames after one
    another; that of class 0 is 0."""
    clip = layers.Input((FRAMES, SIDE, SIDE, 1))
    brightness = layers.Conv3D(1, (2, 3, 3), padding="same", activation="relu", name="features")
    logits = layers.Dense(2, use_bias=False, name="logits")
    model = keras.Model(clip, logits(layers.GlobalAveragePooling3D()(brightness(clip))), name="flash_detector")
    brightness.set_weights([np.ones((2, 3, 3, 1, 1)), np.array([-14.0])])
    logits.set_weights([np.array([[0.0, 40.0]])])
    return model


def flash(time, row, column):
    """A dark clip with a bright 3x3 square about a place in two frames, from `time` on."""
    clip = np.zeros((1, FRAMES, SIDE, SIDE, 1), np.float32)
    clip[0, time : time + 2, row - 1 : row + 2, column - 1 : column + 2] = 1
    return clip


# Saliency


def test_the_gradient_of_a_clip_is_the_limit_of_differences():
    keras.utils.set_random_seed(0)
    with precision("float64"):
        clip = layers.Input((3, 4, 5, 2), dtype="float64")
        x = layers.Conv3D(3, 2, activation="tanh")(clip)
        network = keras.Model(clip, layers.Dense(3, name="logits")(layers.Flatten()(x)))
    pixels, step = RANDOM.normal(size=(1, 3, 4, 5, 2)), 1e-6

    gradient = pixel_gradient(network, pixels, np.array([2]))[0]

    for place in np.ndindex(gradient.shape):
        moved = np.zeros_like(pixels)
        moved[(0, *place)] = step
        difference = (network(pixels + moved) - network(pixels - moved))[0, 2] / (2 * step)
        np.testing.assert_allclose(gradient[place], difference, rtol=1e-5, atol=1e-9)


def test_each_frame_has_the_saliency_of_its_own_pixels():
    weights = RANDOM.normal(size=(3, 4, 5, 2, 6)).astype("float32")
    clips = RANDOM.normal(size=(2, 3, 4, 5, 2)).astype("float32")

    seen = saliency(linear(weights), clips, [1, 4])

    assert seen.shape == (2, 3, 4, 5)
    np.testing.assert_allclose(seen, [np.abs(weights[..., label]).max(-1) for label in (1, 4)], rtol=1e-6)


def test_it_says_when_and_where():
    seen = saliency(flash_detector(), flash(4, 3, 8), [1])[0]

    times, rows, columns = np.nonzero(seen)
    assert (times.min(), times.max()) == (4, 5)
    assert (rows.min(), rows.max(), columns.min(), columns.max()) == (2, 4, 7, 9)


def test_smooth_grad_of_clips_without_noise_is_saliency():
    clips = np.concatenate([flash(4, 3, 8), flash(1, 9, 2)])

    smoothed = smooth_grad(flash_detector(), clips, [1, 1], samples=3, noise=0.0, batch=2)

    np.testing.assert_allclose(smoothed, saliency(flash_detector(), clips, [1, 1]), rtol=1e-6)


def test_the_noise_of_a_clip_goes_by_its_own_range():
    weights = np.ones((3, 4, 5, 1, 2), np.float32)
    bright = np.zeros((2, 3, 4, 5, 1), np.float32)
    bright[0, 0, 0, 0] = 1

    np.testing.assert_allclose(smooth_grad(linear(weights), bright, [0, 0], samples=2), 1.0)


# Grad-CAM


def test_grad_cam_points_at_the_time_and_the_place_that_the_class_depends_on():
    evidence = grad_cam(flash_detector(), np.concatenate([flash(4, 3, 8), flash(1, 9, 2)]), [1, 1])

    assert [np.unravel_index(each.argmax(), each.shape) for each in evidence] == [(4, 3, 8), (1, 9, 2)]
    assert evidence.max(axis=(1, 2, 3)).tolist() == [1, 1]
    np.testing.assert_array_equal(grad_cam(flash_detector(), flash(4, 3, 8), [0]), np.zeros((1, FRAMES, SIDE, SIDE)))


def test_maps_are_enlarged_in_time_as_in_space_without_being_moved():
    small = np.zeros((1, 4, 3, 4), np.float32)
    small[0, 1, 1, 2] = 1

    (large,) = enlarged_in_time(small, (16, 6, 8))

    assert large.shape == (16, 6, 8)
    middle = np.average(np.indices(large.shape), axis=(1, 2, 3), weights=large)
    np.testing.assert_allclose(middle, [5.5, 2.5, 4.5], atol=1e-5)


def test_what_varies_along_time_alone_becomes_linear_along_it():
    ramp = np.broadcast_to(np.arange(4.0, dtype=np.float32)[:, None, None], (1, 4, 2, 2))

    (large,) = enlarged_in_time(ramp, (8, 5, 5))

    expected = np.clip((np.arange(8) + 0.5) / 2 - 0.5, 0, 3)
    np.testing.assert_allclose(large, np.broadcast_to(expected[:, None, None], (8, 5, 5)), atol=1e-6)


def test_maps_of_the_whole_clip_are_those_of_every_frame():
    maps = RANDOM.random((2, 3, 4), np.float32)

    large = enlarged_in_time(maps, (5, 6, 8))

    for frame in range(5):
        np.testing.assert_allclose(large[:, frame], enlarged(maps, (6, 8)), rtol=1e-6)


# Both


def test_a_clip_is_explained_for_the_likeliest_class_unless_another_is_asked_for():
    model, clip = flash_detector(), flash(4, 3, 8)[0]

    view, other = clip_view(model, clip), clip_view(model, clip, label=0)

    assert (view.label, other.label, view.tap) == (1, 0, "features")
    np.testing.assert_allclose(view.probabilities.sum(), 1, rtol=1e-6)
    np.testing.assert_allclose(view.saliency, saliency(model, clip[np.newaxis], [1])[0])
    expected = grad_cam(model, clip[np.newaxis], [1])[0]
    np.testing.assert_allclose(view.grad_cam[4:6], expected[4:6], atol=1e-6)
    assert not view.grad_cam[[0, 1, 2, 3, 6, 7]].any()
    assert not other.saliency.any()


@pytest.mark.parametrize("frames", [(0, 5), (3,)])
def test_frames_that_a_network_does_not_see_have_no_evidence(frames):
    clip = layers.Input((6, 4, 4, 1))
    seen = [clip[:, frame : frame + 1] for frame in frames]
    seen = layers.Concatenate(axis=1)(seen) if len(seen) > 1 else seen[0]
    maps = layers.Conv3D(1, (1, 3, 3), padding="same", use_bias=False, name="features")(seen)
    model = keras.Model(clip, layers.Dense(2, name="logits")(layers.Flatten()(maps)))
    # The last class sums the maps, which are positive.
    model.set_weights([np.ones((1, 3, 3, 1, 1)), np.array([[0.0, 1.0]] * 16 * len(frames)), np.zeros(2)])

    view = clip_view(model, RANDOM.random((6, 4, 4, 1)), label=1)

    assert np.flatnonzero(view.saliency.any(axis=(1, 2))).tolist() == list(frames)
    assert np.flatnonzero(view.grad_cam.any(axis=(1, 2))).tolist() == list(frames)


def test_a_network_without_maps_has_saliency_alone():
    view = clip_view(linear(RANDOM.normal(size=(3, 4, 5, 1, 2)).astype("float32")), np.zeros((3, 4, 5, 1), np.float32))

    assert (view.tap, view.grad_cam) == (None, None)
    assert view.saliency.shape == (3, 4, 5)


def test_clips_and_labels_that_do_not_fit_are_refused():
    model = flash_detector()
    with pytest.raises(
        InputError, match=r"clips must be \(N, 8, 12, 12, 1\) for flash_detector, got \(1, 7, 12, 12, 1\)"
    ):
        batch(model, np.zeros((1, 7, 12, 12, 1)))
    with pytest.raises(InputError, match="for each of 1 clips"):
        classes_of(model, flash(0, 3, 3), [0, 1])

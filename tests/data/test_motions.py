"""Generated clips: what they show, and that no single frame tells what moves how."""

import numpy as np
import pytest
from sklearn.ensemble import ExtraTreesClassifier
from sklearn.linear_model import RidgeClassifier

from kcnn.data.motions import MOTIONS, motion, motions, placed, shapes
from kcnn.data.signs import SIGNS, drawn
from kcnn.recipes.video import FRAMES, SIDE
from kcnn.seeds import generator

OPPOSITE = {MOTIONS[index]: MOTIONS[index ^ 1] for index in range(len(MOTIONS))}
COUNT = 1000


@pytest.fixture(scope="module")
def clips():
    return motions(COUNT, 0)


@pytest.fixture(scope="module")
def named():
    return shapes(COUNT, 0)


def apart(one, other):
    """How far points on the torus are from each other."""
    return np.abs((one - other + 0.5) % 1 - 0.5)


# What they are


def test_clips_are_16_frames_of_32_x_32_pixels_and_as_many_of_each_class(clips, named):
    for pixels, labels in (clips, named):
        assert (pixels.shape, pixels.dtype) == ((COUNT, 16, 32, 32, 1), np.uint8)
        assert (np.bincount(labels) == COUNT // 10).all()
    assert len(MOTIONS) == len(SIGNS) == 10
    assert set(OPPOSITE.values()) == set(MOTIONS)


@pytest.mark.parametrize("make", [motions, shapes])
def test_a_clip_depends_on_the_seed_and_its_number_alone(make):
    few, labels = make(13, 3)
    more, same = make(37, 3)

    np.testing.assert_array_equal(few, more[:13])
    np.testing.assert_array_equal(labels, same[:13])
    assert not np.array_equal(few, make(13, 4)[0])
    assert len({clip.tobytes() for clip in more}) == 37


def test_signs_are_all_different_however_they_are_turned():
    turns = {name: [np.rot90(drawn(name, 24), turn) for turn in range(4)] for name in SIGNS}

    for name, (sign, *_) in turns.items():
        assert (sign.shape, sign.max()) == ((24, 24), 1.0)
        assert 60 < sign.sum() < 180
        for other in SIGNS:
            if other != name:
                assert min(np.abs(sign - turned).mean() for turned in turns[other]) > 0.08


# What moves


def middle(frame):
    """Where the light is on the torus: x, y."""
    angles = 2 * np.pi * np.arange(SIDE) / SIDE
    rows, columns = (np.angle((frame.sum(axis) * np.exp(1j * angles)).sum()) for axis in (1, 0))
    return columns / (2 * np.pi), rows / (2 * np.pi)


@pytest.mark.parametrize(("name", "axis", "sense"), [("left", 0, -1), ("right", 0, 1), ("up", 1, -1), ("down", 1, 1)])
def test_a_shape_shifts_in_the_sense_that_its_class_names(name, axis, sense):
    for number in range(20):
        draw = generator(number)
        path = motion(name, draw).path(draw.random(4))
        places = np.array([middle(placed(drawn("pin", 24), point)) for point in path])
        steps = (np.diff(places, axis=0) + 0.5) % 1 - 0.5

        assert (sense * steps[:, axis] * SIDE > 0.6).all()
        assert (np.abs(steps[:, 1 - axis]) * SIDE < 0.2).all()


def test_clockwise_is_as_seen_and_growing_is_growing():
    pin = drawn("pin", 24)
    frames = [placed(pin, np.array([0.0, 0.0, turn, 1.0])) for turn in (0, 0.25, 0.5, 0.75)]
    above, right, below, left = (
        [frame[:16].sum(), frame[:, 17:].sum(), frame[17:].sum(), frame[:, :16].sum()] for frame in frames
    )

    assert [int(np.argmax(sides)) for sides in (above, right, below, left)] == [0, 1, 2, 3]  # where its head is
    sizes = [placed(pin, np.array([0.5, 0.5, 0.0, size])).sum() for size in np.linspace(0, 1, 5)]
    assert (np.diff(sizes) > 0).all()


def test_what_leaves_at_one_side_enters_at_the_other():
    sign = drawn("zigzag", 24)
    inside = placed(sign, np.array([0.0, 0.0, 0.1, 0.5]))

    for x, y in ((0.5, 0.0), (0.0, 0.5), (0.5, 0.5)):
        moved = placed(sign, np.array([x, y, 0.1, 0.5]))
        shifted = np.roll(inside, (round(SIDE * y), round(SIDE * x)), (0, 1))
        np.testing.assert_allclose(moved, shifted, atol=0.05)  # OpenCV rounds places to parts of a pixel


def test_a_shape_moves_by_parts_of_a_pixel():
    sign = drawn("ring", 24)
    shifts = np.linspace(0, 2, 9)
    places = [middle(placed(sign, np.array([shift / SIDE, 0.0, 0.0, 0.5])))[0] * SIDE for shift in shifts]

    np.testing.assert_allclose((np.array(places) - places[0]) % SIDE, shifts, atol=0.15)


# What a frame does not tell


@pytest.mark.parametrize("name", MOTIONS)
def test_a_path_played_backwards_is_one_of_the_opposite_motion(name):
    for number in range(50):
        draw = generator(number)
        path = motion(name, draw).path(draw.random(4))
        back = path[::-1]
        forth = motion(OPPOSITE[name], generator(number)).path(back[0])
        senses = np.sign((back[-1] - back[0] + 0.5) % 1 - 0.5) * np.sign((forth[-1] - forth[0] + 0.5) % 1 - 0.5)

        moved = apart(path[0], path[1]) + apart(path[-1], path[-2]) > 1e-9
        # Of the motions with two parts the senses are drawn: mirror the axes in which they were drawn otherwise.
        if " " in name:
            forth = np.where(moved & (senses < 0), 2 * back[0] - forth, forth) % 1
        assert apart(back, forth).max() < 1e-9


def test_a_sign_is_about_the_middle_in_the_middle_of_its_clip_and_may_move_anyhow(named):
    pixels, _ = named
    light = pixels[..., 0].astype(float)
    light = (light - np.median(light, axis=(2, 3), keepdims=True)).clip(30) - 30
    places = np.array([[middle(frame) for frame in clip[[0, 7, 8]]] for clip in light[:200]])
    off = np.abs(places % 1 - 0.5) * SIDE

    assert (off[:, 1:] < 9).mean() > 0.97
    assert (off[:, 0] > 9).mean() > 0.1


@pytest.mark.parametrize("name", MOTIONS)
def test_at_every_moment_a_shape_is_anywhere_turned_and_sized_anyhow(name):
    draws = [generator(5, number) for number in range(600)]
    paths = np.stack([motion(name, draw).path(draw.random(4)) for draw in draws])

    assert paths.shape == (600, FRAMES, 4)
    # The share below a point is that point: Kolmogorov's distance, of which 0.08 is beyond 1 in 1000.
    ordered = np.sort(paths, axis=0)
    uniform = (np.arange(600)[:, None, None] + 0.5) / 600
    assert np.abs(ordered - uniform).max() < 0.08


def accuracy(classifier, seen, labels):
    """On a quarter that it did not learn from."""
    seen = seen.reshape(len(seen), -1) / 255
    learned = np.arange(len(seen)) // 10 % 4 < 3
    return classifier.fit(seen[learned], labels[learned]).score(seen[~learned], labels[~learned])


CHANCE = 0.1 + 3.5 * (0.1 * 0.9 / (COUNT // 4)) ** 0.5
"""What guessing among 10 classes reaches on that quarter less often than once in a thousand times."""


@pytest.mark.parametrize("moment", [0, 7, 8, 15])
def test_a_single_frame_does_not_tell_the_motion(clips, moment):
    pixels, labels = clips
    frames = pixels[:, moment].reshape(COUNT, 16, 2, 16, 2).mean((2, 4))
    spectra = np.abs(np.fft.fft2(frames))[:, :9]

    for seen in (frames, spectra):
        assert accuracy(ExtraTreesClassifier(30, random_state=0), seen, labels) < CHANCE
        assert accuracy(RidgeClassifier(), seen, labels) < CHANCE


def test_a_clip_tells_its_motion(clips):
    """By how the light shifts, turns and grows from one frame to the next: the same probe, far above chance."""
    pixels, labels = clips
    frames = pixels[:, 4:12, ..., 0].astype(np.float32)
    frames -= np.median(frames, axis=(2, 3), keepdims=True)
    spectra = np.fft.fft2(frames)
    shifts = np.fft.ifft2(spectra[:, 1:] * np.conj(spectra[:, :-1])).real[..., [0, 0, 1, -1, 2, -2, 0], :][..., :3]
    sizes = frames.clip(0).sum((2, 3))
    seen = np.concatenate([shifts.mean(1).reshape(len(frames), -1), np.diff(np.log(sizes + 1), axis=1)], axis=1)

    assert accuracy(ExtraTreesClassifier(30, random_state=0), 255 * seen, labels) > 0.3


def test_a_frame_tells_the_shape_and_nothing_of_its_motion_is_needed(named):
    pixels, labels = named
    spectra = np.abs(np.fft.fft2(pixels[:, 8, ..., 0].astype(float)))[:, :17]

    assert accuracy(ExtraTreesClassifier(30, random_state=0), spectra, labels) > 2 * CHANCE

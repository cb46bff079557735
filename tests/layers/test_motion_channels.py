import cv2
import numpy as np
import pytest
from scipy.ndimage import uniform_filter

from kcnn.data import address
from kcnn.errors import InputError
from kcnn.layers import MotionChannels
from kcnn.recipes.video import Video
from tests.contracts.layer import LayerContract


class TestContract(LayerContract):
    input_shape = (3, 7, 6, 2)

    def make(self, **kwargs):
        return MotionChannels(**kwargs)


def pattern(rows, columns):
    """A smooth picture of mean 0 and deviation 1 without a period that would hide a displacement."""
    return np.sin(0.35 * columns + 0.2 * rows) + np.cos(0.3 * rows - 0.11 * columns)


def moved(across, down, frames=2, size=48):
    """A clip (1, frames, size, size, 1) of the pattern, displaced by so many pixels from a frame to the next."""
    rows, columns = np.mgrid[:size, :size].astype(float)
    pictures = [pattern(rows - down * t, columns - across * t) for t in range(frames)]
    return np.stack(pictures)[None, ..., None].astype("float32")


def channels(clip, **options):
    """The five channels by name, without the batch."""
    maps = np.asarray(MotionChannels(**options)(clip))[0, ..., 0]
    frames = clip.shape[1]
    ends = np.cumsum([frames, frames, frames, frames - 1])
    return dict(zip(("grey", "across", "down", "flow x", "flow y"), np.split(maps, ends), strict=True))


def test_seven_frames_have_the_papers_33_maps():
    maps = channels(np.zeros((1, 7, 60, 40, 1), "float32"))

    assert [len(part) for part in maps.values()] == [7, 7, 7, 6, 6]
    assert MotionChannels().compute_output_shape((None, 7, 60, 40, 1)) == (None, 33, 60, 40, 1)


def test_grey_is_the_mean_of_the_colours_and_gradients_are_those_of_numpy():
    clip = np.random.default_rng(0).uniform(size=(1, 3, 6, 5, 3)).astype("float32")
    grey = clip[0].mean(axis=-1)

    maps = channels(clip)

    np.testing.assert_allclose(maps["grey"], grey, rtol=1e-6)
    np.testing.assert_allclose(maps["across"], np.gradient(grey, axis=2), atol=1e-6)
    np.testing.assert_allclose(maps["down"], np.gradient(grey, axis=1), atol=1e-6)


@pytest.mark.parametrize(("across", "down"), [(1, 0), (0, -1), (0.5, 0.75), (-1.2, 0.6), (0, 0)])
def test_the_flow_of_a_moved_pattern_is_its_displacement(across, down):
    maps = channels(moved(across, down, frames=4), window=9, damping=1e-4)

    inside = np.s_[:, 8:-8, 8:-8]
    np.testing.assert_allclose(maps["flow x"][inside], across, atol=0.12)
    np.testing.assert_allclose(maps["flow y"][inside], down, atol=0.12)


def test_the_flow_is_the_least_squares_solution_of_each_window():
    clip = np.random.default_rng(1).uniform(size=(1, 2, 9, 8, 1)).astype("float32")
    first, second = clip[0, ..., 0].astype(float)
    down, across = np.gradient((first + second) / 2)
    change = second - first

    maps = channels(clip, window=3, damping=1e-6)

    for i, j in ((4, 4), (2, 5), (0, 0), (8, 3)):
        window = np.s_[max(i - 1, 0) : i + 2, max(j - 1, 0) : j + 2]
        gradients = np.stack([across[window].ravel(), down[window].ravel()], axis=1)
        expected, *_ = np.linalg.lstsq(gradients, -change[window].ravel(), rcond=None)
        found = maps["flow x"][0, i, j], maps["flow y"][0, i, j]
        np.testing.assert_allclose(found, expected, rtol=2e-2, atol=2e-3)


def test_the_flow_agrees_with_farneback_s_of_opencv():
    clip = moved(0.8, -0.5)
    pictures = [np.uint8(127.5 + 63 * picture) for picture in clip[0, ..., 0]]
    flow = np.zeros((48, 48, 2), np.float32)
    flow = cv2.calcOpticalFlowFarneback(*pictures, flow, 0.5, 1, 9, 3, 5, 1.1, 0)

    maps = channels(clip, window=9)

    inside = np.s_[10:-10, 10:-10]
    np.testing.assert_allclose(maps["flow x"][0][inside], flow[..., 0][inside], atol=0.15)
    np.testing.assert_allclose(maps["flow y"][0][inside], flow[..., 1][inside], atol=0.15)


def test_where_nothing_is_seen_nothing_flows():
    clip = np.full((1, 3, 8, 8, 1), 0.7, "float32")
    clip[:, 1] += 0.1  # a change of brightness without a gradient

    maps = channels(clip)

    np.testing.assert_array_equal(maps["flow x"], 0)
    np.testing.assert_array_equal(maps["flow y"], 0)


def test_where_generated_clips_show_nothing_but_noise_little_flows():
    """Presented as a training presents them; the shapes themselves move 0.75 to 2 pixels a frame."""
    source = address.load(Video(source="motions", examples=40))
    clips = source.preprocessing.standardize(source.splits["train"].inputs(np.arange(20)))

    flowing = []
    for clip in np.asarray(clips):
        maps = channels(clip[np.newaxis])
        seen = uniform_filter(maps["across"] ** 2 + maps["down"] ** 2, (0, 5, 5))[:-1]
        flat = seen < np.quantile(seen, 0.3)
        flowing += [maps["flow x"][flat], maps["flow y"][flat]]
    assert np.sqrt(np.mean(np.concatenate(flowing) ** 2)) < 0.45


def test_a_small_shape_that_moves_flows_in_its_direction():
    clip = np.zeros((1, 2, 20, 20, 1), "float32")
    for frame in range(2):
        clip[0, frame, 8:13, 7 + frame : 12 + frame] = 1

    maps = channels(clip)

    assert maps["flow x"][0, 9:12, 6:13].mean() > 0.5
    assert np.abs(maps["flow x"][0, :4]).max() == 0


@pytest.mark.parametrize("window", [1, 4, 0])
def test_an_even_or_too_small_window_is_refused(window):
    with pytest.raises(InputError, match=f"window must be odd and at least 3, got {window}"):
        MotionChannels(window)


def test_damping_that_is_not_positive_is_refused():
    with pytest.raises(InputError, match="damping must be positive, got 0"):
        MotionChannels(damping=0)


@pytest.mark.parametrize("shape", [(1, 8, 8), (3, 1, 8), (3, 8, 1)])
def test_a_clip_without_neighbours_is_refused(shape):
    with pytest.raises(InputError, match="flow needs 2 frames of 2x2 pixels at least"):
        MotionChannels().build((None, *shape, 1))

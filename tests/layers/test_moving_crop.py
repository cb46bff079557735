import numpy as np
import pytest

from kcnn.errors import InputError
from kcnn.layers import MovingCrop
from tests.contracts.layer import LayerContract


class TestContract(LayerContract):
    input_shape = (3, 6, 5, 2)

    def make(self, **kwargs):
        return MovingCrop(3, 2, **kwargs)


def test_it_is_the_window_that_changes_most():
    clips = np.random.default_rng(0).normal(size=(4, 5, 9, 8, 3)).astype("float32")
    changes = np.abs(np.diff(clips, axis=1)).sum(axis=(1, 4))

    cut = np.asarray(MovingCrop(4, 3)(clips))

    for clip, change, answer in zip(clips, changes, cut, strict=True):
        sums = {(i, j): change[i : i + 4, j : j + 3].sum() for i, j in np.ndindex(6, 6)}
        i, j = max(sums, key=sums.get)
        np.testing.assert_array_equal(answer, clip[:, i : i + 4, j : j + 3])


def test_what_moves_is_found_beside_what_is_bright():
    clip = np.zeros((1, 4, 12, 12, 1), "float32")
    clip[:, :, :3, :4] = 9
    for frame in range(4):
        clip[0, frame, 8, 6 + frame] = 1

    cut = np.asarray(MovingCrop(6, 6)(clip))

    assert cut.max() == 1
    assert (cut.sum(axis=(2, 3)) == 1).all()


def test_a_still_clip_is_cut_at_its_upper_left():
    clip = np.arange(16, dtype="float32").reshape(1, 1, 4, 4, 1)

    assert np.ravel(MovingCrop(2, 2)(clip)).tolist() == [0, 1, 4, 5]


def test_a_side_below_one_is_refused():
    with pytest.raises(InputError, match="height and width must be at least 1, got 0 and 3"):
        MovingCrop(0, 3)


def test_a_window_larger_than_the_picture_is_refused():
    with pytest.raises(InputError, match="a window of 5x3 does not fit into 4x4"):
        MovingCrop(5, 3).build((None, 2, 4, 4, 1))

import numpy as np
import pytest

from kcnn.errors import InputError
from kcnn.layers import FrameSlice
from tests.contracts.layer import LayerContract


class TestContract(LayerContract):
    input_shape = (5, 3, 2, 2)

    def make(self, **kwargs):
        return FrameSlice(0, 5, 2, **kwargs)


@pytest.mark.parametrize(
    ("begin", "end", "step", "taken"), [(2, 3, 1, [2]), (0, 6, 5, [0, 5]), (1, 6, 2, [1, 3, 5]), (4, 6, 9, [4])]
)
def test_the_named_frames_are_taken(begin, end, step, taken):
    clip = np.arange(6, dtype="float32").reshape(1, 6, 1, 1, 1)

    assert np.ravel(FrameSlice(begin, end, step)(clip)).tolist() == taken


@pytest.mark.parametrize(("begin", "end"), [(-1, 2), (2, 2), (3, 1)])
def test_an_empty_or_negative_range_is_refused(begin, end):
    with pytest.raises(InputError, match="begin must be at least 0 and below end"):
        FrameSlice(begin, end)


def test_a_step_below_one_is_refused():
    with pytest.raises(InputError, match="step must be at least 1, got 0"):
        FrameSlice(0, 2, 0)


def test_frames_that_are_not_there_are_refused():
    with pytest.raises(InputError, match="end must be at most the number of frames, got 7 for 6"):
        FrameSlice(1, 7).build((None, 6, 3, 2, 1))

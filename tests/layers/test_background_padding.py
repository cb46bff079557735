import numpy as np
import pytest

from kcnn.errors import InputError
from kcnn.layers import BackgroundPadding2D
from tests.contracts.layer import LayerContract


class TestContract(LayerContract):
    input_shape = (3, 2, 2)

    def make(self, **kwargs):
        return BackgroundPadding2D(2, 0.5, **kwargs)


def test_the_border_has_the_value_and_the_middle_is_the_image():
    answer = np.array(BackgroundPadding2D(1)(np.full((1, 2, 2, 1), 7.0, "float32")))[0, ..., 0]

    assert answer.tolist() == [[-1, -1, -1, -1], [-1, 7, 7, -1], [-1, 7, 7, -1], [-1, -1, -1, -1]]


def test_a_negative_padding_is_refused():
    with pytest.raises(InputError, match="padding must not be negative, got -1"):
        BackgroundPadding2D(-1)

import numpy as np
import pytest

from kcnn.errors import InputError
from kcnn.layers import RBFOutput
from kcnn.layers.rbf_output import random_codes
from tests.contracts.layer import LayerContract

CODES = [[1, -1, 1, 1], [-1, -1, 1, -1], [1, 1, 1, 1]]


class TestContract(LayerContract):
    input_shape = (4,)

    def make(self, **kwargs):
        return RBFOutput(CODES, **kwargs)


def test_it_answers_minus_the_squared_distance_to_each_code():
    x = np.random.default_rng(0).normal(size=(5, 4)).astype("float32")
    expected = [[-sum((a - b) ** 2 for a, b in zip(row, code, strict=True)) for code in CODES] for row in x]

    np.testing.assert_allclose(RBFOutput(CODES)(x), expected, rtol=1e-5)


def test_a_code_itself_is_recognised_with_distance_zero():
    answer = np.array(RBFOutput(CODES)(np.array(CODES, "float32")))

    assert answer.argmax(axis=1).tolist() == [0, 1, 2]
    assert answer.diagonal().tolist() == [0, 0, 0]


def test_nothing_in_it_is_trained():
    layer = RBFOutput(CODES)
    layer.build((None, 4))

    assert layer.trainable_weights == []
    np.testing.assert_array_equal(layer.codes, CODES)


@pytest.mark.parametrize("codes", [[1, -1], [[1, 0]], [[0.5, 1]]])
def test_anything_but_a_table_of_signs_is_refused(codes):
    with pytest.raises(InputError, match="codes must be a table"):
        RBFOutput(codes)


def test_an_input_of_another_length_is_refused():
    with pytest.raises(InputError, match="codes have 4 numbers each, the input has 5"):
        RBFOutput(CODES).build((None, 5))


def test_random_codes_are_signs_that_differ_by_class_and_come_back_with_the_seed():
    codes = random_codes(100, 84)

    assert set(np.unique(codes)) == {-1, 1}
    assert len({code.tobytes() for code in codes}) == 100
    np.testing.assert_array_equal(codes, random_codes(100, 84))
    assert (codes != random_codes(100, 84, seed=1)).any()

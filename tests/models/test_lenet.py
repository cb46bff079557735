import numpy as np
import pytest

from kcnn.models import build
from kcnn.models.lenet import c3_table, output_codes
from kcnn.models.summary import summarise
from tests.contracts.model import ModelContract


@pytest.mark.parametrize("name", ["lenet5", "lenet5_1998"])
class TestContract(ModelContract):
    pass


def test_each_layer_has_the_parameters_and_the_map_size_that_the_paper_gives():
    rows = {row.name: (row.parameters, row.shape) for row in summarise(build("lenet5_1998")).rows}

    assert rows["c1"] == (156, (28, 28, 6))
    assert rows["s2"] == (12, (14, 14, 6))
    assert rows["c3"] == (1_516, (10, 10, 16))
    assert rows["s4"] == (32, (5, 5, 16))
    assert rows["c5"] == (48_120, (1, 1, 120))
    assert rows["f6"] == (10_164, (84,))


def test_c3_sees_the_maps_of_table_1():
    columns = np.array(c3_table()).T
    seen = [np.flatnonzero(column).tolist() for column in columns]

    contiguous = [sorted((first + step) % 6 for step in range(n)) for n in (3, 4) for first in range(6)]
    assert seen[:12] == contiguous
    assert seen[12:] == [[0, 1, 3, 4], [1, 2, 4, 5], [0, 2, 3, 5], [0, 1, 2, 3, 4, 5]]


def test_the_output_codes_are_84_signs_that_tell_the_digits_apart():
    codes = output_codes(10)
    distances = (codes[:, None] != codes[None]).sum(axis=-1)

    assert codes.shape == (10, 84)
    assert distances[~np.eye(10, dtype=bool)].min() >= 10


def test_the_code_of_one_is_its_picture_row_by_row():
    picture = output_codes(10)[1].reshape(12, 7)

    assert picture[0].tolist() == [-1, -1, -1, 1, 1, -1, -1]
    assert picture[9].tolist() == [-1, 1, 1, 1, 1, 1, 1]


def test_other_than_ten_classes_get_random_codes_that_stay_the_same():
    np.testing.assert_array_equal(output_codes(7), output_codes(7))
    assert output_codes(7).shape == (7, 84)


@pytest.mark.parametrize(("layer", "fan_in"), [("c1", 25), ("c5", 400), ("f6", 120)])
def test_weights_start_within_the_papers_bounds(layer, fan_in):
    weights = build("lenet5_1998").get_layer(layer).get_weights()[0]

    assert 0.8 * 2.4 / fan_in < np.abs(weights).max() <= 2.4 / fan_in


@pytest.mark.parametrize("name", ["lenet5", "lenet5_1998"])
def test_a_larger_image_gives_c5_several_places_and_no_more_parameters(name):
    model = build(name, (40, 36, 1))

    assert model.get_layer("c5").output.shape[1:] == (3, 2, 120)
    assert summarise(model).trainable_parameters == summarise(build(name)).trainable_parameters


def test_the_activation_of_todays_form_can_be_tanh():
    x = np.random.default_rng(0).normal(size=(2, 32, 32, 1))

    assert np.min(build("lenet5", activation="relu").get_layer("c1")(x)) == 0
    assert np.min(build("lenet5", activation="tanh").get_layer("c1")(x)) < 0

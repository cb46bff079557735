import keras
import numpy as np
import pytest

from kcnn.models import build, build_without_weights
from kcnn.models.fields import receptive_fields
from kcnn.models.summary import summarise
from tests.contracts.clips import ClipContract


class TestContract(ClipContract):
    name, options, shape = "two_stream_3d", {"filters": 4}, (8, 16, 16, 1)


def test_parameters_are_those_of_two_streams_and_a_classifier_of_both():
    widths = [(1, 16), (16, 32), (32, 64)]
    stream = sum(27 * before * after + 2 * after for before, after in widths)

    counted = summarise(build_without_weights("two_stream_3d"))

    assert counted.trainable_parameters == 2 * stream + 128 * 10 + 10 == 140_842


def test_both_streams_see_pictures_of_one_size():
    model = build_without_weights("two_stream_3d", (16, 32, 48, 3), 5)

    for name in ("global0_half", "local0_window"):
        assert model.get_layer(name).output.shape[1:] == (16, 16, 24, 3)
    assert model.get_layer("features").output.shape[1:] == (8, 4, 6, 128)
    assert model.get_layer("pooled").output.shape == (None, 128)


def test_the_global_stream_sees_twice_as_far_as_the_local_one():
    fields = receptive_fields(build_without_weights("two_stream_3d"))

    assert fields["global3_conv"].size == 2 * fields["local3_conv"].size == 36


@pytest.mark.parametrize("later", [1, 2, 3])
def test_the_answer_does_not_depend_on_where_in_time_a_map_is_strongest(later):
    """The last step of the network is the maximum over time."""
    model = build("two_stream_3d", (8, 16, 16, 1), 3, filters=4)
    until, behind = (model.get_layer(name) for name in ("features", "pool_picture"))
    answers = keras.Model(until.output, model.output)
    maps = np.random.default_rng(0).uniform(size=(1, *until.output.shape[1:])).astype("float32")

    np.testing.assert_allclose(answers(np.roll(maps, later, axis=1)), answers(maps), atol=1e-6)
    assert np.abs(behind(np.roll(maps, later, axis=1)) - behind(maps)).max() > 0.01


@pytest.mark.parametrize(("row", "column"), [(0, 0), (0, 16), (16, 0), (16, 16), (5, 9)])
def test_the_local_stream_is_given_the_window_in_which_something_moves(row, column):
    model = build_without_weights("two_stream_3d")
    random = np.random.default_rng(0)
    still = random.uniform(size=(1, 1, 32, 32, 1)).astype("float32")
    clip = np.repeat(still, 16, axis=1)
    clip[:, :, row : row + 16, column : column + 16] = random.uniform(size=(1, 16, 16, 16, 1))

    window = keras.Model(model.input, model.get_layer("local0_window").output)(clip)

    np.testing.assert_allclose(window, clip[:, :, row : row + 16, column : column + 16], atol=1e-6)


def test_its_taps_exist_in_order():
    names = [layer.name for layer in build_without_weights("two_stream_3d").layers]

    assert [name for name in names if name in ("features", "pooled", "logits")] == ["features", "pooled", "logits"]

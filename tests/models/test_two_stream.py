import numpy as np
import pytest

from kcnn.layers import MovingCrop
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


@pytest.mark.parametrize("frame", [0, 7])
def test_the_answer_does_not_depend_on_where_in_time_a_map_is_strongest(frame):
    """The last step of the network is the maximum over time."""
    model = build("two_stream_3d", (8, 16, 16, 1), 3, filters=4)
    layer = model.get_layer("pool_time")
    maps = np.random.default_rng(0).uniform(size=(1, 4, 32)).astype("float32")

    np.testing.assert_array_equal(layer(np.roll(maps, frame, axis=1)), layer(maps))


def test_the_local_window_is_where_something_moves():
    model = build_without_weights("two_stream_3d")
    (layer,) = [layer for layer in model.layers if isinstance(layer, MovingCrop)]

    assert (layer.height, layer.width) == (16, 16)


def test_its_taps_exist_in_order():
    names = [layer.name for layer in build_without_weights("two_stream_3d").layers]

    assert [name for name in names if name in ("features", "pooled", "logits")] == ["features", "pooled", "logits"]

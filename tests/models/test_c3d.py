import keras
import numpy as np
import pytest

from kcnn.models import build_without_weights, check
from kcnn.models.fields import frames_seen, receptive_fields
from kcnn.models.summary import summarise
from tests.contracts.clips import ClipContract


class TestContract(ClipContract):
    name, options, shape = "c3d_small", {"filters": 4, "norm": "batch"}, (8, 16, 16, 1)


WIDTHS = [(1, 16), (16, 32), (32, 64), (64, 64)]


def test_parameters_and_multiply_adds_are_those_counted_by_hand():
    places = [16 * 32 * 32, 16 * 16 * 16, 8 * 8 * 8, 4 * 4 * 4]
    kernels = [27 * before * after for before, after in WIDTHS]

    counted = summarise(build_without_weights("c3d_small"))

    norms = sum(2 * after for _, after in WIDTHS)
    assert counted.trainable_parameters == sum(kernels) + norms + 64 * 10 + 10 == 181_146
    assert counted.multiply_adds == sum(np.multiply(places, kernels)) + 64 * 10 == 99_091_072


def test_time_is_left_alone_by_the_first_pooling_and_halved_by_the_others():
    model = build_without_weights("c3d_small")

    shapes = [model.get_layer(name).output.shape[1:] for name in ("stem", "stage1", "stage2", "stage3", "pooled")]
    assert shapes == [(16, 16, 16, 16), (8, 8, 8, 32), (4, 4, 4, 64), (4, 4, 4, 64), (64,)]


def test_every_kernel_is_3x3x3():
    model = build_without_weights("c3d_small")

    kernels = {layer.kernel_size for layer in model.layers if isinstance(layer, keras.layers.Conv3D)}
    assert kernels == {(3, 3, 3)}


def test_a_place_sees_more_frames_and_pixels_from_layer_to_layer():
    model = build_without_weights("c3d_small")
    frames, pixels = frames_seen(model), receptive_fields(model)

    # By hand: kernels add two places, poolings one, of the stride that they have come to.
    names = ("stem", "stage1", "stage2", "stage3", "pooled")
    assert [frames[name] for name in names] == [3, 6, 12, 16, 16]
    assert [pixels[name].size for name in names] == [4, 10, 22, 38, None]


@pytest.mark.parametrize("filters", [8, 16])
def test_its_width_can_be_chosen(filters):
    model = build_without_weights("c3d_small", (16, 32, 32, 1), 6, filters=filters)

    assert model.get_layer("pooled").output.shape == (None, 4 * filters)


def test_its_default_is_a_clip_of_16_grey_frames_of_32x32():
    assert check("c3d_small") == ((16, 32, 32, 1), 10)

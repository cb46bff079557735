import numpy as np
import pytest

from kcnn.errors import InputError
from kcnn.layers import normalization
from kcnn.layers.normalization import KINDS

# Axes of (N, H, W, groups, maps of a group) over which each kind averages: figure 2 of Wu and He 2018.
AXES = {"batch": (0, 1, 2), "layer": (1, 2, 3, 4), "instance": (1, 2), "group": (1, 2, 4)}


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_averages_over_its_axes(kind):
    x = np.random.default_rng(0).normal(3, 2, (4, 3, 5, 6)).astype("float32")
    split = x.reshape(4, 3, 5, 3, 2)
    mean, variance = split.mean(AXES[kind], keepdims=True), split.var(AXES[kind], keepdims=True)

    answer = normalization(kind, channels=6, groups=3)(x, training=True)

    np.testing.assert_allclose(answer, ((split - mean) / np.sqrt(variance + 1e-5)).reshape(x.shape), atol=1e-4)


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_trains_two_numbers_a_map(kind):
    layer = normalization(kind, channels=12)
    layer.build((None, 4, 4, 12))

    assert [tuple(weight.shape) for weight in layer.trainable_weights] == [(12,), (12,)]


@pytest.mark.parametrize(("channels", "groups"), [(64, 32), (16, 8), (24, 12), (96, 32), (58, 29), (7, 1)])
def test_groups_are_as_many_as_divide_the_maps_and_leave_two_in_each(channels, groups):
    assert normalization("group", channels=channels).groups == groups


def test_another_kind_is_refused_with_the_nearest():
    with pytest.raises(InputError, match="unknown normalisation 'bach': did you mean 'batch'"):
        normalization("bach", channels=4)

import keras
import pytest
from keras import layers

from kcnn.errors import InputError
from kcnn.models import build
from kcnn.models.summary import summarise

C1, C5, F6, OUTPUT = 28 * 28 * 6 * 25, 120 * 400, 84 * 120, 10 * 84
RESIDUAL = 32 * 32 * 16 * 16 * 9  # a convolution of any stage; the two that halve the maps cost half


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("mlp", 784 * 300 + 300 * 100 + 100 * 10),
        ("lenet5", C1 + 10 * 10 * 16 * 150 + C5 + F6 + OUTPUT),
        # Subsampling multiplies once an output; C3 has 60 connections.
        ("lenet5_1998", C1 + 14 * 14 * 6 + 10 * 10 * 60 * 25 + 5 * 5 * 16 + C5 + F6 + OUTPUT),
        ("resnet20_cifar", 32 * 32 * 27 * 16 + 16 * RESIDUAL + 2 * RESIDUAL // 2 + 64 * 10),
    ],
)
def test_multiply_adds_are_those_counted_by_hand(name, expected):
    assert summarise(build(name)).multiply_adds == expected


def test_a_row_says_what_a_layer_is_and_costs():
    row = next(row for row in summarise(build("lenet5")).rows if row.name == "c3")

    assert (row.kind, row.shape, row.parameters) == ("Conv2D", (10, 10, 16), 2_416)
    assert row.multiply_adds == 240_000


def test_totals_tell_trained_parameters_from_the_others():
    summary = summarise(build("lenet5_1998"))

    assert (summary.trainable_parameters, summary.non_trainable_parameters) == (60_000, 840)
    assert summary.multiply_adds == sum(row.multiply_adds for row in summary.rows)


def test_groups_depth_and_dense_layers_on_maps_are_counted():
    inputs = keras.Input((6, 5, 4))
    x = layers.Conv2D(8, 3, groups=2)(inputs)  # (4, 3, 8)
    x = layers.DepthwiseConv2D(2, depth_multiplier=2)(x)  # (3, 2, 16)
    x = layers.Dense(7)(x)

    rows = summarise(keras.Model(inputs, x)).rows

    assert [row.multiply_adds for row in rows] == [0, 12 * 9 * 2 * 8, 6 * 4 * 16, 6 * 16 * 7]


def test_a_layer_with_weights_of_unknown_cost_is_not_counted_as_free():
    inputs = keras.Input((6, 4))
    model = keras.Model(inputs, layers.LSTM(3, name="memory")(inputs))

    with pytest.raises(InputError, match="'memory' are unknown: LSTM"):
        summarise(model)

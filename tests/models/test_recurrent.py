import numpy as np
import pytest
from keras import layers

from kcnn.errors import InputError
from kcnn.models import build, build_without_weights, check
from kcnn.models.summary import receptive_fields, summarise
from tests.contracts.sequences import SequenceContract


class TestLSTM(SequenceContract):
    name, options, shape = "lstm", {"units": 6}, (9, 2)


class TestDeepLSTM(SequenceContract):
    name, options, shape = "lstm", {"units": 5, "depth": 2, "answer": "every", "forget_bias": 3.0}, (7, 2)


class TestGRU(SequenceContract):
    name, options, shape = "gru", {"units": 6, "depth": 2}, (9, 2)


class TestGRUAtEveryStep(SequenceContract):
    name, options, shape = "gru", {"units": 6, "answer": "every"}, (9, 2)


def test_parameters_are_those_counted_by_hand():
    """Gates see the input, the units and a bias, the GRU's two biases."""
    assert summarise(build_without_weights("lstm")).trainable_parameters == 4 * 130 * (2 + 130 + 1) + 131 == 69_291
    assert summarise(build_without_weights("gru")).trainable_parameters == 3 * 151 * (2 + 151 + 2) + 152 == 70_367


@pytest.mark.parametrize(("name", "gates", "units"), [("lstm", 4, 130), ("gru", 3, 151)])
def test_each_step_costs_the_products_of_all_gates(name, gates, units):
    layer = next(row for row in summarise(build_without_weights(name)).rows if row.name == f"stage1_block1_{name}")

    assert layer.multiply_adds == 600 * gates * units * (2 + units)


@pytest.mark.parametrize("name", ["lstm", "gru"])
def test_it_may_see_all_of_the_series(name):
    fields = receptive_fields(build_without_weights(name))

    assert fields["series"].size == 1
    assert fields["features"].size is None
    assert summarise(build_without_weights(name)).receptive_field is None


@pytest.mark.parametrize("name", ["lstm", "gru"])
def test_the_answer_at_a_step_depends_on_no_later_one(name):
    model = build(name, (8, 2), 3, units=4, depth=2, answer="every")
    x = np.random.default_rng(0).normal(size=(2, 8, 2)).astype("float32")
    changed = x.copy()
    changed[:, 5] += 1

    differences = np.abs(np.subtract(model(changed), model(x))).max((0, 2)) > 1e-6

    assert differences.tolist() == [False] * 5 + [True] * 3


@pytest.mark.parametrize("name", ["lstm", "gru"])
def test_the_last_answer_of_all_is_the_only_one(name):
    every, last = (build(name, (8, 2), 3, units=4, answer=answer) for answer in ("every", "last"))
    last.set_weights(every.get_weights())
    x = np.random.default_rng(0).normal(size=(2, 8, 2)).astype("float32")

    np.testing.assert_allclose(last(x), every(x)[:, -1], rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("value", [0, 1.0, 4.5])
def test_the_first_bias_of_the_forget_gates_can_be_chosen(value):
    bias = build("lstm", (5, 2), units=3, forget_bias=value).get_layer("stage1_block1_lstm").get_weights()[-1]

    np.testing.assert_array_equal(bias, [0] * 3 + [value] * 3 + [0] * 6)


def test_dropout_is_between_the_layers_and_after_the_last():
    model = build("gru", (5, 2), 3, units=4, depth=3, dropout=0.3)
    kinds = [type(layer) for layer in model.layers if isinstance(layer, layers.GRU | layers.Dropout | layers.Dense)]

    assert kinds == [layers.GRU, layers.Dropout] * 3 + [layers.Dense]


@pytest.mark.parametrize(
    ("name", "options", "message"),
    [
        ("gru", {"forget_bias": 1.0}, "unknown option of gru 'forget_bias'"),
        ("lstm", {"forget_bias": float("nan")}, "forget_bias of lstm must be a number, got nan"),
        ("lstm", {"units": 0}, "units of lstm must be a whole number of at least 1, got 0"),
        ("gru", {"depth": 1.5}, "depth of gru must be a whole number of at least 1, got 1.5"),
    ],
)
def test_options_are_checked(name, options, message):
    with pytest.raises(InputError, match=message):
        check(name, None, None, options)

"""A network that is asked one step at a time, against the whole network on all steps at once."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers

from kcnn.errors import InputError
from kcnn.layers import CausalConv1D, GroupedCausalConv1D, TemporalSubsampling
from kcnn.layers.precision import precision
from kcnn.models.stepwise import Stepwise

from .test_wavenet import KINDS, SMALL, drawn, told

WAVENETS = {
    "untold": dict(SMALL),
    "told": {**SMALL, "conditions": KINDS},
    "one label": {**SMALL, "conditions": {"speaker": 2}},
    "local": {**SMALL, "local": 3, "hop": 4},
    "both": {**SMALL, "kernel": 3, "conditions": KINDS, "local": 3, "hop": 4},
    "one block": {**SMALL, "stacks": 1, "levels": 1},
    "deep": {**SMALL, "levels": 4, "kernel": 3},
}
LSTMS = {
    "untold": {"units": 5},
    "deep and told": {"units": 5, "depth": 2, "conditions": KINDS},
    "local": {"units": 5, "conditions": KINDS, "local": 3, "hop": 4},
}
CASES = [("wavenet", options) for options in WAVENETS.values()] + [("wave_lstm", options) for options in LSTMS.values()]


def step_by_step(network, inputs, compiled=False, moving="codes"):
    """The answers to all steps (N, T, ...), asked one after the other."""
    step = tf.function(network.step, autograph=False) if compiled else network.step
    values = tf.constant(inputs[moving])
    given = {name: tf.constant(value) for name, value in inputs.items() if name != moving}
    memories, known = network.begin(given, len(values))
    answers = []
    for time in range(values.shape[1]):
        answer, memories = step(memories, known, tf.constant(time), values[:, time])
        answers.append(answer.numpy())
    return np.stack(answers, axis=1)


@pytest.mark.parametrize(("name", "options"), CASES)
def test_every_step_answers_as_the_whole_network_does(name, options):
    model = drawn(name, **options)
    inputs = told(model, 24, count=3, hop=options.get("hop", 1))

    answers = step_by_step(Stepwise(model, "codes"), inputs)

    assert answers.shape == (3, 24, 7)
    np.testing.assert_allclose(answers, model(inputs), rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize(("name", "options"), [("wavenet", WAVENETS["both"]), ("wave_lstm", LSTMS["local"])])
def test_a_compiled_step_is_the_same(name, options):
    model = drawn(name, **options)
    inputs = told(model, 16, hop=4)

    answers = step_by_step(Stepwise(model, "codes"), inputs, compiled=True)

    np.testing.assert_allclose(answers, model(inputs), rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize(("name", "options"), [("wavenet", WAVENETS["both"]), ("wave_lstm", LSTMS["local"])])
def test_in_mixed_precision_a_step_computes_as_the_whole_network_does(name, options):
    """What is remembered takes as little memory as it does there."""
    with precision("mixed_bfloat16"):
        model = drawn(name, **options)
    inputs = told(model, 16, hop=4)
    network = Stepwise(model, "codes")
    memories, _ = network.begin({key: tf.constant(value) for key, value in inputs.items() if key != "codes"}, 2)

    answers = step_by_step(network, inputs, compiled=True)

    assert {value.dtype for value in tf.nest.flatten(memories)} == {tf.bfloat16}
    np.testing.assert_allclose(answers, model(inputs), atol=0.02 * np.abs(model(inputs)).max())


def stack(*between):
    """A small causal network of numbers by name, with `between` in its midst."""
    series = keras.Input((None, 2), name="series")
    x = CausalConv1D(4, 3, dilation_rate=2, name="one")(series)
    x = layers.Activation("relu", name="relu")(x)
    for layer in between:
        x = layer(x)
    shortcut = layers.Dense(3, name="shortcut")(series)
    x = layers.Add(name="add")([layers.Dense(3, name="two")(x), shortcut])
    return keras.Model({"series": series}, x)


def series(count=2, steps=9):
    return {"series": np.random.default_rng(0).normal(size=(count, steps, 2)).astype("float32")}


@pytest.mark.parametrize(
    "between",
    [
        (),
        (layers.Dropout(0.5),),
        (CausalConv1D(4, 2, dilation_rate=3, use_bias=False), layers.GRU(3, return_sequences=True)),
        (layers.LSTM(3, return_sequences=True), CausalConv1D(2, 1)),
    ],
)
def test_other_stacks_of_causal_layers_go_step_by_step(between):
    keras.utils.set_random_seed(0)
    model = stack(*between)

    answers = step_by_step(Stepwise(model, "series"), series(), moving="series")

    np.testing.assert_allclose(answers, model(series()), rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize(
    ("layer", "kind"),
    [
        (layers.Conv1D(4, 3, padding="same", name="other"), "Conv1D"),
        (layers.AveragePooling1D(3, 1, "same", name="other"), "AveragePooling1D"),
        (TemporalSubsampling(2, name="other"), "TemporalSubsampling"),
        (layers.Bidirectional(layers.LSTM(2, return_sequences=True), name="other"), "Bidirectional"),
        (layers.BatchNormalization(name="other"), "BatchNormalization"),
    ],
)
def test_a_layer_that_may_look_at_other_steps_is_refused(layer, kind):
    series = keras.Input((None, 4), name="series")
    model = keras.Model({"series": series}, layer(series))

    with pytest.raises(InputError, match=rf"other \({kind}\) is no layer that can go step by step"):
        Stepwise(model, "series")


@pytest.mark.parametrize(
    "layer",
    [
        CausalConv1D(4, 3, strides=2, name="other"),
        GroupedCausalConv1D(4, 3, 2, name="other"),
        layers.LSTM(2, name="other"),
        layers.LSTM(2, return_sequences=True, go_backwards=True, name="other"),
    ],
)
def test_strides_groups_a_single_answer_and_the_other_direction_are_refused(layer):
    series = keras.Input((None, 2), name="series")
    model = keras.Model({"series": series}, layer(series))

    with pytest.raises(InputError, match="other .* is no layer that can go step by step"):
        Stepwise(model, "series")


def test_a_step_costs_the_same_however_long_it_has_gone():
    """What is remembered is the receptive field, and no more."""
    model = drawn(**SMALL)
    network = Stepwise(model, "codes")
    inputs = told(model, 20)
    memories, known = network.begin({}, 2)
    sizes = [int(tf.size(value)) for value in tf.nest.flatten(memories)]

    for time in range(20):
        _, memories = network.step(memories, known, time, tf.constant(inputs["codes"][:, time]))
        assert [int(tf.size(value)) for value in tf.nest.flatten(memories)] == sizes
    assert sum(sizes) == 2 * (7 * 1 + 4 * (1 + 2 + 1 + 2))


def test_only_what_the_steps_need_of_the_conditions_is_kept():
    model = drawn(**SMALL, conditions=KINDS, local=3, hop=4)
    inputs = told(model, 8, hop=4)

    _, known = Stepwise(model, "codes").begin(
        {name: tf.constant(inputs[name]) for name in ("class", "speaker", "local")}, 2
    )

    assert {value.shape[-1] for value in known.values()} == {8}
    assert {value.shape[1] for value in known.values()} == {1, 8}
    assert len(known) == 2 * 4

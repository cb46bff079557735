import keras
import numpy as np
import pytest

from kcnn.errors import InputError
from kcnn.models import build, build_without_weights, check
from kcnn.models.summary import receptive_fields, summarise
from tests.contracts.sequences import SequenceContract

SMALL = {"filters": 3, "levels": 3}
FIELD = 2**3


class TestConditional(SequenceContract):
    name, options, shape = "conditional_wavenet", SMALL, (13, 4)


class TestUnconditional(SequenceContract):
    name, options, shape = "conditional_wavenet", {**SMALL, "conditional": False}, (13, 4)


class TestOfOneLevel(SequenceContract):
    name, options, shape = "conditional_wavenet", {**SMALL, "levels": 1}, (9, 3)


def drawn(shape=(None, 4), targets=4, **options):
    model = build("conditional_wavenet", shape, targets, **{**SMALL, **options})
    rng = np.random.default_rng(1)
    model.set_weights([rng.normal(size=weight.shape) for weight in model.weights])
    return model


def series(steps, channels=4):
    return np.random.default_rng(0).normal(size=(2, steps, channels)).astype("float32")


def causal(x, kernel, bias, dilation):
    """A convolution of one target's maps (T, c) with a kernel (k, c, f), by its definition."""
    taps = len(kernel)
    answer = np.tile(bias, (len(x), 1)).astype(np.float64)
    for t in range(len(x)):
        for tap in range(taps):
            if (time := t - (taps - 1 - tap) * dilation) >= 0:
                answer[t] += x[time] @ kernel[tap]
    return answer


@pytest.mark.parametrize("conditional", [True, False])
def test_each_target_is_forecast_by_the_network_of_the_paper(conditional):
    model, x = drawn(conditional=conditional), series(11)
    weights = {layer.name: layer.get_weights() for layer in model.layers}

    answer = model(x)

    for target in range(4):
        own = slice(3 * target, 3 * target + 3)
        total = np.zeros((11, 3))
        for source in range(4) if conditional else [target]:
            first = slice(12 * source + 3 * target, 12 * source + 3 * target + 3) if conditional else own
            for layer in ("stage1_block1_conv", "stage1_block1_skip_conv"):
                kernel, bias = weights[layer]
                total += np.maximum(causal(x[0][:, source : source + 1], kernel[..., first], bias[first], 1), 0)
        for level, dilation in ((2, 2), (3, 4)):
            kernel, bias = weights[f"stage{level}_block1_conv"]
            total = total + np.maximum(causal(total, kernel[..., own], bias[own], dilation), 0)
        kernel, bias = weights["logits"]
        expected = causal(total, kernel[..., target : target + 1], bias[target : target + 1], 1)[:, 0]
        np.testing.assert_allclose(answer[0, :, target], expected, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("step", [0, 7, 20])
def test_an_answer_depends_on_as_many_steps_before_it_as_the_receptive_field_says(step):
    model, x = drawn(), series(21 + FIELD)
    changed = x.copy()
    changed[:, step] += 1

    differences = np.abs(np.subtract(model(changed), model(x))).max((0, 2)) > 1e-6

    np.testing.assert_array_equal(differences[:step], False)
    assert differences[step]
    np.testing.assert_array_equal(differences[step + FIELD :], False)


@pytest.mark.parametrize(("conditional", "moved"), [(True, [True, True, True]), (False, [False, True, False])])
def test_a_series_is_a_condition_of_every_other_or_of_none(conditional, moved):
    model, x = drawn(targets=3, conditional=conditional), series(9)
    changed = x.copy()
    changed[..., 1] += 1

    differences = np.abs(np.subtract(model(changed), model(x))).max((0, 1))

    np.testing.assert_array_equal(differences > 1e-6, moved)


def test_a_condition_alone_moves_the_targets_that_have_conditions():
    for conditional, moves in ((True, True), (False, False)):
        model, x = drawn(targets=2, conditional=conditional), series(9)
        changed = x.copy()
        changed[..., 3] += 1
        assert np.any(np.abs(np.subtract(model(changed), model(x))) > 1e-6) == moves


@pytest.mark.parametrize("levels", [1, 4, 6])
@pytest.mark.parametrize("conditional", [True, False])
def test_the_receptive_field_doubles_with_every_level(levels, conditional):
    model = build_without_weights("conditional_wavenet", levels=levels, conditional=conditional)

    assert receptive_fields(model)["logits"].size == 2**levels
    assert summarise(model).receptive_field == 2**levels


def counted(channels, targets, filters, levels, conditional):
    """Two convolutions of one channel, of width 2 and 1, for each pair of target and what it sees; then square ones."""
    seen = channels if conditional else 1
    first = targets * seen * filters * (2 + 1 + 1 + 1)
    return first + targets * ((levels - 1) * (2 * filters + 1) * filters + filters + 1)


@pytest.mark.parametrize(
    ("channels", "targets", "filters", "levels"), [(8, 8, 16, 4), (8, 1, 16, 4), (5, 3, 7, 1), (1, 1, 4, 6)]
)
@pytest.mark.parametrize("conditional", [True, False])
def test_its_weights_are_as_many_as_the_formula_says(channels, targets, filters, levels, conditional):
    options = {"filters": filters, "levels": levels, "conditional": conditional}
    summary = summarise(build_without_weights("conditional_wavenet", (20, channels), targets, **options))

    assert summary.trainable_parameters == counted(channels, targets, filters, levels, conditional)


def test_weights_begin_as_he_s():
    keras.utils.set_random_seed(0)
    model = build("conditional_wavenet", (20, 8), filters=64)

    for name, fan in (("stage1_block1_conv", 2), ("stage1_block1_skip_conv", 1), ("stage3_block1_conv", 128)):
        kernel, bias = model.get_layer(name).get_weights()
        assert kernel.std() == pytest.approx(np.sqrt(2 / fan), rel=0.05)
        np.testing.assert_array_equal(bias, 0)


def test_all_series_are_forecast_unless_it_is_said():
    assert check("conditional_wavenet", (50, 3)) == ((50, 3), 3)
    assert check("conditional_wavenet", (50, 3), 2) == ((50, 3), 2)


@pytest.mark.parametrize(
    ("targets", "options", "message"),
    [
        (4, {}, "forecasts some of the series that it reads: 4 of 3"),
        (0, {}, "classes must be a whole number of at least 1"),
        (3, {"conditional": "yes"}, "conditional of conditional_wavenet must be true or false"),
        (3, {"answer": "last"}, "unknown option of conditional_wavenet 'answer'"),
    ],
)
def test_what_it_cannot_forecast_is_refused(targets, options, message):
    with pytest.raises(InputError, match=message):
        build("conditional_wavenet", (50, 3), targets, **options)

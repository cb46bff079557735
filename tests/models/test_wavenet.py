import keras
import numpy as np
import pytest

from kcnn.errors import InputError
from kcnn.layers import LogMel
from kcnn.models import build, build_without_weights, check
from kcnn.models.summary import receptive_fields, summarise
from tests.contracts.sequences import ContinuationContract

SMALL = {"filters": 4, "skip": 6, "stacks": 2, "levels": 2}
FIELD = 1 + 2 * (1 + 2) + 1  # the stem and two stacks of dilations 1 and 2
KINDS = {"class": 3, "speaker": 2}


class TestUntold(ContinuationContract):
    name, options, shape = "wavenet", SMALL, (13,)


class TestTold(ContinuationContract):
    name, options, shape = "wavenet", {**SMALL, "kernel": 3, "conditions": KINDS}, (9,)


class TestOneBlock(ContinuationContract):
    """Whose only skip connection has nothing to be added to."""

    name, options, shape = "wavenet", {**SMALL, "stacks": 1, "levels": 1, "conditions": {"class": 2}}, (5,)


def drawn(name="wavenet", shape=(None,), classes=7, **options):
    """A network whose every weight is drawn, biases too."""
    model = build(name, shape, classes, **options)
    rng = np.random.default_rng(1)
    model.set_weights([rng.normal(0, 0.5, weight.shape) for weight in model.weights])
    return model


def told(model, steps, count=2, hop=1):
    """Inputs by name."""
    rng = np.random.default_rng(0)
    made = {"codes": rng.integers(0, 7, (count, steps)).astype("int32")}
    for name in KINDS.keys() & model.input.keys():
        made[name] = np.arange(count, dtype="int32") % KINDS[name]
    if "local" in model.input:
        made["local"] = rng.normal(size=(count, steps // hop, model.input["local"].shape[-1])).astype("float32")
    return made


def by_formula(model, inputs, stacks, levels, kernel, hop):
    """Figure 4 and section 2.5 of the paper, written down layer by layer in NumPy."""
    weights = {}
    for layer in model.layers:
        if layer.weights:
            weights[layer.name] = layer.get_weights()

    def dense(name, x):
        kernel, *bias = weights[name]
        return x @ kernel + (bias[0] if bias else 0)

    def causal(name, x, dilation):
        taps, bias = weights[name]
        steps, answer = x.shape[1], 0
        for tap in range(kernel):
            late = (kernel - 1 - tap) * dilation
            answer = answer + np.pad(x, ((0, 0), (late, 0), (0, 0)))[:, :steps] @ taps[tap]
        return answer + bias

    labels = [np.eye(KINDS[name])[inputs[name]] for name in KINDS if name in inputs]
    x = causal("stem_conv", np.eye(7)[inputs["codes"]], 1)
    skips = 0
    for stage in range(1, stacks + 1):
        for level in range(levels):
            block = f"stage{stage}_block{level + 1}"
            seen = causal(f"{block}_conv", x, 2**level)
            if labels:
                seen = seen + dense(f"{block}_label", np.concatenate(labels, -1))[:, np.newaxis]
            if "local" in inputs:
                seen = seen + np.repeat(dense(f"{block}_local", 0.25 * inputs["local"] + 2.0), hop, axis=1)
            half = seen.shape[-1] // 2
            y = np.tanh(seen[..., :half]) / (1 + np.exp(-seen[..., half:]))
            skips = skips + dense(f"{block}_skip", y)
            if (stage, level) != (stacks, levels - 1):
                x = dense(f"{block}_residual", y) + x
    return dense("logits", np.maximum(dense("head", np.maximum(skips, 0)), 0))


@pytest.mark.parametrize("kernel", [2, 3])
@pytest.mark.parametrize(("conditions", "local"), [({}, 0), ({"speaker": 2}, 0), (KINDS, 0), ({}, 5), (KINDS, 5)])
def test_it_equals_the_paper_s_figure_and_equations(conditions, local, kernel):
    model = drawn(**SMALL, kernel=kernel, conditions=conditions, local=local, hop=3)
    inputs = told(model, 12, hop=3)

    answer = model(inputs)

    np.testing.assert_allclose(answer, by_formula(model, inputs, 2, 2, kernel, 3), rtol=1e-3, atol=1e-4)


def changed_at(model, inputs, name, place):
    """At which steps the sum of all skip connections differs where one input is another at a place.

    Behind it are the two rectifiers, which hide some differences, and only layers that look at a step by itself.
    """
    model = keras.Model(model.input, model.get_layer("skips").output)
    other = {key: value.copy() for key, value in inputs.items()}
    if name == "codes":
        other[name][:, place] = (other[name][:, place] + 3) % 7
    else:
        other[name][place] += 1
    return np.flatnonzero(np.abs(np.subtract(model(other), model(inputs))).max((0, 2)) > 1e-6)


@pytest.mark.parametrize("place", [0, 6, 19])
@pytest.mark.parametrize(("kernel", "stacks", "levels"), [(2, 2, 2), (3, 1, 2), (2, 1, 3)])
def test_a_code_matters_from_its_step_on_for_as_long_as_the_receptive_field_is(kernel, stacks, levels, place):
    model = drawn(filters=5, skip=6, kernel=kernel, stacks=stacks, levels=levels)
    field = stacks * (kernel - 1) * (2**levels - 1) + kernel

    found = changed_at(model, told(model, 30), "codes", place)

    assert found.tolist() == list(range(place, min(30, place + field)))
    counted = build_without_weights("wavenet", (30,), 7, kernel=kernel, stacks=stacks, levels=levels)
    assert summarise(counted).receptive_field == field


@pytest.mark.parametrize("name", KINDS)
def test_a_label_matters_at_every_step_and_only_for_its_own_sound(name):
    model = drawn(**SMALL, conditions={"class": 4, "speaker": 3})
    inputs = told(model, 10)

    whole = changed_at(model, inputs, name, slice(None))
    second = {**inputs, name: inputs[name] + np.array([0, 1], "int32")}

    assert whole.tolist() == list(range(10))
    np.testing.assert_array_equal(model(second)[0], model(inputs)[0])
    assert np.any(np.asarray(model(second)[1]) != np.asarray(model(inputs)[1]))


def test_local_numbers_act_on_their_hop_and_on_what_follows_within_the_field():
    model = drawn(**SMALL, local=3, hop=5)

    found = changed_at(model, told(model, 40, hop=5), "local", (slice(None), 2))

    # Steps 10 to 14 are told directly; what the stem sees is not told, so that the field is a step shorter.
    assert found.tolist() == list(range(10, 15 + 2 * 3 - 1))


def test_no_gate_is_shut_or_open_for_good_at_first_whatever_is_heard():
    """Energies of silence, of a tone and of noise at full scale."""
    keras.utils.set_random_seed(0)
    model = build("wavenet", (2400,), stacks=1, levels=3, local=20)
    times = np.arange(2400) / 8000
    noise = np.random.default_rng(0).uniform(-1, 1, 2400)
    heard = np.stack([0 * times, 0.5 * np.sin(2 * np.pi * 440 * times), noise]).astype("float32")
    inputs = {"codes": np.full((3, 2400), 128, "int32"), "local": LogMel(8000, 20, 80)(heard).numpy()}

    seen = keras.Model(model.input, [model.get_layer(f"stage1_block{level}_told").output for level in (1, 2, 3)])
    sizes = np.abs(np.stack(seen(inputs)))

    assert sizes.mean() < 1.5
    assert (sizes > 3).mean() < 0.05


def test_parameters_are_those_counted_by_hand():
    blocks = 30 * (2 * 32 * 64 + 64 + 32 * 64 + 64) + 29 * (32 * 32 + 32)
    expected = (2 * 256 * 32 + 32) + blocks + (64 * 64 + 64) + (64 * 256 + 256)
    assert summarise(build_without_weights("wavenet")).trainable_parameters == expected == 256_000

    more = summarise(build_without_weights("wavenet", conditions={"class": 10, "speaker": 6}, local=8))
    assert more.trainable_parameters == expected + 30 * (10 + 6) * 64 + 30 * 8 * 64


def test_multiply_adds_are_those_of_every_weight_at_every_step_and_of_conditions_once():
    biases = 30 * (64 + 64) + 29 * 32 + 32 + 64 + 256
    plain = 4000 * (256_000 - biases)
    assert summarise(build_without_weights("wavenet")).multiply_adds == plain

    more = summarise(build_without_weights("wavenet", conditions={"class": 10, "speaker": 6}, local=8))
    assert more.multiply_adds == plain + 30 * 16 * 64 + 50 * 30 * 8 * 64


def test_its_default_hears_384_milliseconds_at_8000_samples_a_second():
    fields = receptive_fields(build_without_weights("wavenet"))

    assert [fields[name].size for name in ("codes", "stem", "stage1", "stage2", "features", "logits")] == [
        1, 2, 1025, 2048, 3071, 3071,
    ]  # fmt: skip


def test_its_taps_exist_in_order_for_any_number_of_steps():
    model = build_without_weights("wavenet", (None,), 7, **SMALL, conditions=KINDS, local=3)
    names = ["stem", "stage1", "features", "logits"]

    assert [layer.name for layer in model.layers if layer.name in names] == names
    assert set(model.input) == {"codes", "class", "speaker", "local"}
    assert model.output.shape == (None, None, 7)


def test_what_the_last_block_would_pass_on_is_seen_by_nobody_and_not_there():
    names = {layer.name for layer in build_without_weights("wavenet", (None,), 7, **SMALL).layers}

    assert "stage2_block1_residual" in names
    assert "stage2_block2_skip" in names
    assert "stage2_block2_residual" not in names


def test_no_later_code_is_seen_by_the_logits():
    model = drawn(**SMALL, conditions=KINDS)
    inputs = told(model, 12)
    other = {**inputs, "codes": inputs["codes"].copy()}
    other["codes"][:, 7:] = 6 - other["codes"][:, 7:]

    np.testing.assert_allclose(model(other)[:, :7], model(inputs)[:, :7], atol=1e-6)


def test_rows_of_local_numbers_are_as_many_as_there_are_hops():
    model = build_without_weights("wavenet", (240,), 7, **SMALL, local=3, hop=80)

    assert model.input["local"].shape == (None, 3, 3)


@pytest.mark.parametrize("name", ["wavenet", "wave_lstm"])
@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"conditions": {"class": 1}}, "must be a mapping of names to how many labels there are, each at least 2"),
        ({"conditions": ["class"]}, "conditions of .* must be a mapping of names to how many labels"),
        ({"conditions": {3: 4}}, "conditions of .* must be a mapping of names to how many labels"),
        ({"local": -1}, "local of .* must be a whole number of at least 0, got -1"),
        ({"hop": 0}, "hop of .* must be a whole number of at least 1, got 0"),
        ({"rate": 8000}, "unknown option of .* 'rate'"),
    ],
)
def test_what_cannot_be_told_is_refused(name, options, message):
    with pytest.raises(InputError, match=message):
        check(name, None, None, options)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"filters": 0}, "filters of wavenet must be a whole number of at least 1, got 0"),
        ({"skip": 0}, "skip of wavenet must be a whole number of at least 1, got 0"),
        ({"stacks": 0}, "stacks of wavenet must be a whole number of at least 1, got 0"),
        ({"levels": 0}, "levels of wavenet must be a whole number from 1 to 24, got 0"),
        ({"kernel": 1}, "kernel of wavenet must be a whole number of at least 2, got 1"),
        ({"units": 3}, "unknown option of wavenet 'units'"),
    ],
)
def test_options_are_checked(options, message):
    with pytest.raises(InputError, match=message):
        check("wavenet", None, None, options)


@pytest.mark.parametrize("shape", [(), (0,), (40, 1), 40])
def test_a_shape_that_is_not_a_number_of_samples_is_refused(shape):
    with pytest.raises(
        InputError, match=r"input_shape must be \(samples,\), each at least 1, or None for any number of"
    ):
        check("wavenet", shape)

import numpy as np
import pytest
from keras import layers

from kcnn.errors import InputError
from kcnn.models import build, build_without_weights, check
from kcnn.models.summary import summarise
from tests.contracts.sequences import ContinuationContract

from .test_wavenet import KINDS, drawn, told


class TestUntold(ContinuationContract):
    name, options, shape = "wave_lstm", {"units": 6}, (9,)


class TestTold(ContinuationContract):
    name, options, shape = "wave_lstm", {"units": 6, "depth": 2, "conditions": KINDS}, (9,)


def test_parameters_are_those_counted_by_hand_and_as_many_as_wavenet_has():
    expected = (256 * 142 + 142) + 4 * 142 * (142 + 142 + 1) + (142 * 142 + 142) + (142 * 256 + 256)

    assert summarise(build_without_weights("wave_lstm")).trainable_parameters == expected == 255_288
    assert expected / summarise(build_without_weights("wavenet")).trainable_parameters == pytest.approx(1, abs=0.01)
    more = summarise(build_without_weights("wave_lstm", conditions={"class": 10, "speaker": 6}, local=8))
    assert more.trainable_parameters == expected + 16 * 142 + 8 * 142


def test_no_later_code_is_seen_and_every_earlier_one_may_be():
    model = drawn("wave_lstm", units=5, depth=2, conditions=KINDS)
    inputs = told(model, 12)
    other = {**inputs, "codes": inputs["codes"].copy()}
    other["codes"][:, 4] = 6 - other["codes"][:, 4] + (other["codes"][:, 4] == 3)

    differences = np.abs(np.subtract(model(other), model(inputs))).max((0, 2))

    assert (differences[:4] < 1e-6).all()
    assert (differences[4:] > 1e-6).any()
    assert summarise(build_without_weights("wave_lstm")).receptive_field is None


@pytest.mark.parametrize("name", ["class", "local"])
def test_what_is_told_changes_the_answer(name):
    model = drawn("wave_lstm", units=5, conditions={"class": 4}, local=3, hop=4)
    inputs = told(model, 12, hop=4)

    changed = model({**inputs, name: inputs[name] + 1})

    differences = np.abs(np.subtract(changed, model(inputs))).max((0, 2))
    assert (differences > 1e-6).any()


def test_local_numbers_act_on_their_hop_and_on_what_follows():
    model = drawn("wave_lstm", units=5, local=3, hop=4)
    inputs = told(model, 12, hop=4)
    other = {**inputs, "local": inputs["local"].copy()}
    other["local"][:, 1] += 1

    differences = np.abs(np.subtract(model(other), model(inputs))).max((0, 2))

    assert not differences[:4].any()
    assert (differences[4:] > 1e-6).any()


def test_layers_are_as_many_as_its_depth_and_its_taps_exist_in_order():
    model = build_without_weights("wave_lstm", (None,), 7, units=4, depth=3)
    names = ["stem", "stage1", "stage2", "stage3", "features", "logits"]

    assert sum(isinstance(layer, layers.LSTM) for layer in model.layers) == 3
    assert [layer.name for layer in model.layers if layer.name in names] == names


def test_it_remembers_at_first():
    bias = build("wave_lstm", (5,), 7, units=3).get_layer("stage1_block1_lstm").get_weights()[-1]

    np.testing.assert_array_equal(bias, [0] * 3 + [1] * 3 + [0] * 6)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"units": 0}, "units of wave_lstm must be a whole number of at least 1, got 0"),
        ({"depth": 0}, "depth of wave_lstm must be a whole number of at least 1, got 0"),
        ({"filters": 3}, "unknown option of wave_lstm 'filters'"),
    ],
)
def test_options_are_checked(options, message):
    with pytest.raises(InputError, match=message):
        check("wave_lstm", None, None, options)

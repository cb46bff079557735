import numpy as np
import pytest

from kcnn.models import build, build_without_weights
from kcnn.models.cuts import without_heads
from kcnn.models.summary import summarise
from tests.contracts.model import ModelContract


@pytest.mark.parametrize("name", ["googlenet"])
class TestContract(ModelContract):
    pass


def test_the_modules_have_the_maps_of_table_1():
    model = build_without_weights("googlenet")
    maps = {
        "conv1_pool": (56, 56, 64),
        "conv2_conv": (56, 56, 192),
        "inception3a_concat": (28, 28, 256),
        "inception3b_concat": (28, 28, 480),
        "inception4a_concat": (14, 14, 512),
        "inception4d_concat": (14, 14, 528),
        "inception4e_concat": (14, 14, 832),
        "inception5a_concat": (7, 7, 832),
        "inception5b_concat": (7, 7, 1024),
    }

    assert {name: model.get_layer(name).output.shape[1:] for name in maps} == maps


@pytest.mark.parametrize(
    ("module", "millions"),
    [("3a", 128), ("3b", 304), ("4a", 73), ("4b", 88), ("4c", 100), ("4d", 119), ("4e", 170), ("5a", 54), ("5b", 71)],
)
def test_multiply_adds_of_the_modules_are_those_of_table_1(module, millions):
    """The paper's count of 5a (54 M) is the one that its own filters do not give (51 M)."""
    blocks = {row.name: row.multiply_adds for row in summarise(build_without_weights("googlenet")).blocks}

    assert blocks[f"inception{module}"] / 1e6 == pytest.approx(millions, rel=0.06 if module == "5a" else 0.011)


def test_the_auxiliary_heads_look_at_4a_and_4d():
    model = build_without_weights("googlenet", aux_heads=True)

    assert set(model.output) == {"logits", "aux1", "aux2"}
    assert model.get_layer("aux1_pool").input.shape[1:] == (14, 14, 512)
    assert model.get_layer("aux2_pool").input.shape[1:] == (14, 14, 528)
    assert model.get_layer("aux1_conv").output.shape[1:] == (4, 4, 128)
    assert model.get_layer("aux1_dropout").rate == 0.7


@pytest.mark.parametrize(("aux_heads", "parameters"), [(True, 13_004_888), (False, 6_624_904)])
def test_torchvision_s_form_has_torchvision_s_parameters(aux_heads, parameters):
    model = build_without_weights("googlenet", like="torchvision", aux_heads=aux_heads)

    assert summarise(model).trainable_parameters == parameters


def test_the_heads_can_be_left_off_and_the_answer_stays():
    model = build("googlenet", (64, 64, 3), classes=4, aux_heads=True)
    x = np.random.default_rng(0).normal(size=(2, 64, 64, 3)).astype("float32")

    alone = without_heads(model)

    assert alone.name == "googlenet"
    np.testing.assert_array_equal(alone(x), model(x)["logits"])
    assert without_heads(alone) is alone

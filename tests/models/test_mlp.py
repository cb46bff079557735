import numpy as np
import pytest

from kcnn.models import build
from kcnn.models.summary import summarise
from tests.contracts.model import ModelContract


@pytest.mark.parametrize("name", ["mlp"])
class TestContract(ModelContract):
    pass


def test_hidden_gives_the_sizes_of_the_hidden_layers():
    model = build("mlp", (2, 3, 1), classes=4, hidden=[5, 7, 8])

    assert [layer.units for layer in model.layers if hasattr(layer, "units")] == [5, 7, 8, 4]


def test_without_hidden_layers_it_is_a_linear_classifier():
    model = build("mlp", (2, 3, 1), classes=4, hidden=())

    assert summarise(model).trainable_parameters == 6 * 4 + 4


def test_dropout_acts_in_training_only():
    model = build("mlp", (4, 4, 1), classes=3, dropout=0.5)
    x = np.ones((2, 4, 4, 1), "float32")

    np.testing.assert_array_equal(model(x), model(x))
    assert np.any(np.array(model(x, training=True)) != np.array(model(x)))

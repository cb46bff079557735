import keras
import numpy as np
import pytest

from kcnn.errors import InputError
from kcnn.layers.precision import precision
from kcnn.models import build, build_without_weights


def test_its_variables_never_get_values():
    """Keras would give them some whenever it next leaves a stateless scope, as every training step does."""
    model = build_without_weights("lenet5", (32, 32, 1))

    with keras.StatelessScope():
        pass

    assert all(weight._value is None for weight in model.weights)
    assert model.count_params() == build("lenet5", (32, 32, 1)).count_params()


def test_a_model_built_next_has_weights():
    build_without_weights("lenet5", (32, 32, 1))
    model = build("lenet5", (32, 32, 1))

    assert np.isfinite(model(np.zeros((1, 32, 32, 1)))).all()


def test_it_has_the_precision_of_the_scope():
    with precision("mixed_bfloat16"):
        model = build_without_weights("lenet5", (32, 32, 1))

    assert model.get_layer("pooled").compute_dtype == "bfloat16"


def test_what_is_refused_is_refused():
    with pytest.raises(InputError, match="at least"):
        build_without_weights("lenet5", (1, 1, 1))

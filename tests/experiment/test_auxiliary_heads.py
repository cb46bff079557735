"""GoogLeNet with its auxiliary heads, from the recipe to the server's model."""

import keras
import pytest

from kcnn.experiment.export import export
from kcnn.experiment.listener import Listener
from kcnn.experiment.run import run
from kcnn.models import build_without_weights
from kcnn.models.summary import summarise
from kcnn.workspace import Workspace


@pytest.mark.slow
@pytest.mark.parametrize("precision", ["float32", "mixed_bfloat16"])
def test_a_googlenet_is_trained_with_heads_and_saved_and_exported_without(tmp_path, precision):
    workspace = Workspace(tmp_path)
    options = {"aux_heads": True, "norm": "batch"}
    changes = {"model.name": "googlenet", "model.options": options, "data.size": 32, "precision": precision}

    made = run("lenet5_digits", workspace=workspace, listener=Listener(), epochs=1, steps=3, **changes)

    saved = keras.models.load_model(made.paths["model"], compile=False)
    alone = summarise(build_without_weights("googlenet", saved.input_shape[1:], 10, norm="batch"))
    assert saved.output.shape == (None, 10)
    assert made.facts["parameters"] == summarise(saved).trainable_parameters == alone.trainable_parameters
    assert made.facts["multiply_adds"] == alone.multiply_adds
    assert export(made, workspace=workspace).difference < 1e-5

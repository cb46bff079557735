"""Layers that start as those of a finished run, or of a variant whose weights a package ships."""

from dataclasses import replace

import keras
import numpy as np
import pytest

from kcnn.errors import InputError
from kcnn.experiment.listener import Listener
from kcnn.experiment.run import run
from kcnn.recipes import load, override
from kcnn.recipes.transfer import Transfer
from kcnn.workspace import Workspace

from .blobs import SHARED, write

DILATED = {"base": 2, "head": 8, "padding": "same", "norm": "batch", "dropout": 0.0}


class Heard(Listener):
    def __init__(self):
        self.notes = []

    def note(self, message):
        self.notes.append(message)


@pytest.fixture(scope="module")
def discs(tmp_path_factory):
    return write(tmp_path_factory.mktemp("discs"), 6)


@pytest.fixture(scope="module")
def front_end(discs, tmp_path_factory):
    workspace = Workspace(tmp_path_factory.mktemp("start"))
    wanted = recipe(discs, **{"model.name": "dilated_frontend", "model.options": DILATED})
    return run(wanted, workspace=workspace, epochs=1), workspace


def recipe(folder, **changes):
    return override(load("lenet5_digits"), {"name": "discs", "data.source": str(folder), **SHARED, **changes})


def test_a_context_module_is_put_on_a_trained_front_end(front_end, discs):
    before, workspace = front_end
    changes = {"model.name": "dilated_context", "model.options": DILATED, "model.start": f"run:{before.run[:12]}"}
    heard = Heard()

    # So small a rate that what is saved is what it started from.
    made = run(
        recipe(discs, name="context", **changes, **{"optimizer.lr": 1e-12}),
        workspace=workspace,
        listener=heard,
        epochs=1,
        steps=1,
    )

    old, new = (keras.models.load_model(result.paths["model"], compile=False) for result in (before, made))
    shared = [layer.name for layer in old.layers if layer.weights]
    for name in shared:
        for one, other in zip(old.get_layer(name).get_weights(), new.get_layer(name).get_weights(), strict=True):
            if "norm" not in name:  # whose statistics move
                np.testing.assert_allclose(one, other, atol=1e-9)
    assert heard.notes == [f"{len(shared)} of {len(shared) + 8} layers start as those of run:{before.run}"]
    assert made.recipe.model.start == f"run:{before.run}"


@pytest.mark.slow
def test_a_segmentation_is_put_on_a_backbone_of_photographs(discs, tmp_path):
    options = {"backbone": "efficientnet_lite0", "dropout": 0.0}
    changes = {"model.name": "fcn8s", "model.options": options, "model.start": "efficientnet_lite0", "data.channels": 3}

    made = run(recipe(discs, **changes), workspace=Workspace(tmp_path), epochs=1)

    assert made.metrics["test_pixel_error"] < 0.5


@pytest.mark.parametrize(
    ("start", "message"),
    [
        ("run:nothing", "unknown run 'nothing'"),
        ("efficientnet_lite7", "unknown weights 'efficientnet_lite7': did you mean 'efficientnet_lite"),
        ("resnet18", "no package ships weights of resnet18"),
    ],
)
def test_what_there_is_not_is_refused(front_end, discs, start, message):
    with pytest.raises(InputError, match=message):
        run(recipe(discs, **{"model.start": start}), workspace=front_end[1])


def test_a_network_without_a_layer_in_common_is_refused(front_end, discs):
    before, workspace = front_end
    changes = {"model.name": "fcn8s", "model.options": {"backbone": "mobilenet_v2"}}
    with pytest.raises(InputError, match="no layer of fcn8s has the name and the shapes of one of run:discs-"):
        run(recipe(discs, **changes, **{"model.start": f"run:{before.run}"}), workspace=workspace)


def test_two_origins_of_weights_are_refused(front_end):
    before, workspace = front_end
    wanted = load("lenet5_digits")
    both = replace(
        wanted,
        data=replace(wanted.images, channels=3),
        model=replace(wanted.model, name="efficientnet_lite0", options={}, start=f"run:{before.run}"),
        transfer=Transfer(weights="efficientnet_lite0"),
    )
    with pytest.raises(InputError, match="model.start and transfer both say where weights come from"):
        run(both, workspace=workspace)

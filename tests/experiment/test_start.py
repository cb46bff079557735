"""Layers that start as those of a finished run, or of a variant whose weights a package ships."""

from dataclasses import replace

import keras
import numpy as np
import pytest

from kcnn.errors import InputError
from kcnn.experiment import start
from kcnn.experiment.folder import find
from kcnn.experiment.listener import Listener
from kcnn.experiment.run import run
from kcnn.recipes import load, override
from kcnn.recipes.transfer import Transfer
from kcnn.weights.presentation import KINETICS
from kcnn.weights.safetensors import read_safetensors
from kcnn.workspace import Workspace
from tests.clips import finished, preparation
from tests.weights.written import torchvision_file

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


CLIPS = {
    "model.name": "r3d_18",
    "model.options": {"like": "torchvision"},
    **{"data.channels": 3, "data.frames": 8, "data.size": 16, "data.examples": 20, "batch_size": 10},
    **{"epochs": 1, "steps": 1, "optimizer.lr": 1e-12},
}


@pytest.mark.slow
def test_a_network_of_clips_starts_from_torchvision_s_file_and_is_shown_pixels_as_it_was(tmp_path):
    workspace, heard = Workspace(tmp_path), Heard()
    kinetics = torchvision_file(tmp_path / "r3d_18.safetensors", "r3d_18", classes=400)

    made = run("c3d_small_motions", workspace=workspace, listener=heard, **CLIPS, **{"model.start": str(kinetics)})

    model = keras.models.load_model(made.paths["model"], compile=False)
    first = read_safetensors(kinetics)["stem.0.weight"].transpose(2, 3, 4, 1, 0)
    np.testing.assert_allclose(model.get_layer("stem_conv").get_weights()[0], first, atol=1e-9)
    (note,) = (note for note in heard.notes if "start as those" in note)
    assert note == f"40 of 41 layers start as those of {kinetics}"
    image = find(workspace, made.run).read("source")["preprocessing"]["image"]
    assert (tuple(image["mean"]), tuple(image["std"]), image["crop"]) == (KINETICS.mean, KINETICS.std, 1.0)


def test_clips_are_presented_as_those_of_the_run_that_is_started_from(tmp_path):
    workspace = Workspace(tmp_path)
    name = finished(workspace, channels=3)
    drafted = override(load("c3d_small_motions"), {"data.channels": 3, "model.start": f"run:{name}"})

    assert start.presented(drafted, workspace) == preparation(channels=3).image.pixels


def test_clips_are_presented_as_torchvision_s_file_expects_them(tmp_path):
    (tmp_path / "r3d_18.safetensors").touch()
    wanted = override(load("c3d_small_motions"), CLIPS | {"model.start": str(tmp_path / "r3d_18.safetensors")})

    assert start.presented(wanted, Workspace(tmp_path)) == replace(KINETICS, crop=1.0)


def test_clips_of_other_channels_than_published_weights_are_refused(tmp_path):
    (tmp_path / "r3d_18.safetensors").touch()
    changes = CLIPS | {"data.channels": None, "model.start": str(tmp_path / "r3d_18.safetensors")}

    with pytest.raises(InputError, match=r"r3d_18\.safetensors needs data\.channels=3, got 1"):
        run("c3d_small_motions", workspace=Workspace(tmp_path), **changes)


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

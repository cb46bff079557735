"""A segmentation from a folder of masks to a server's answer."""

import io
import json
from dataclasses import replace

import keras
import numpy as np
import pytest
from PIL import Image

from kcnn.errors import DataError, InputError
from kcnn.experiment import trained
from kcnn.experiment.compare import compare
from kcnn.experiment.explain import explain
from kcnn.experiment.export import export
from kcnn.experiment.folder import find
from kcnn.experiment.own_data import for_data
from kcnn.experiment.run import run
from kcnn.recipes import load, override
from kcnn.recipes.transfer import Transfer
from kcnn.serving.answers import Mask
from kcnn.serving.client import Client
from kcnn.serving.server import running
from kcnn.tracking.journal import read
from kcnn.workspace import Workspace

from .blobs import SHARED, write


@pytest.fixture(scope="module")
def discs(tmp_path_factory):
    return write(tmp_path_factory.mktemp("discs"))


@pytest.fixture(scope="module")
def made(discs, tmp_path_factory):
    """A run, and its workspace."""
    workspace = Workspace(tmp_path_factory.mktemp("segmentation"))
    return run(recipe(discs), workspace=workspace, epochs=20), workspace


def recipe(folder, **changes):
    return override(load("lenet5_digits"), {"name": "discs", "data.source": str(folder), **SHARED, **changes})


def test_it_learns_the_discs_and_every_measure_says_so(made):
    result, _ = made
    assert result.metrics["test_accuracy"] > 0.97
    assert result.metrics["test_iou"] > 0.9
    assert result.metrics["test_dice"] > result.metrics["test_iou"]
    assert result.metrics["test_rand_error"] < 0.2


def test_the_measures_are_those_of_the_saved_model_s_own_answer(made, discs):
    result, workspace = made
    model = trained.load(find(workspace, result.run)).model
    counts = json.loads((workspace.run(result.run) / "confusion.json").read_text())["counts"]
    right = sum(counts[index][index] for index in range(2))

    assert model.output_shape == (None, 32, 32, 2)
    assert sum(map(sum, counts)) == 2 * 40 * 48  # a fifth of ten images, each pixel once
    assert result.metrics["test_accuracy"] == pytest.approx(right / sum(map(sum, counts)))


def test_every_epoch_has_its_overlays_in_the_record(made):
    result, workspace = made
    artifacts = [event.values for event in read(workspace.run(result.run)) if event.kind == "artifact"]
    kept = [values["path"] for values in artifacts if values["folder"] == "figures/epochs"]

    assert kept == [f"epochs/overlays_{epoch:03}.png" for epoch in range(1, 21)]
    assert all((workspace.run(result.run) / path).stat().st_size > 5000 for path in kept)


def test_a_server_answers_a_mask_as_large_as_the_image_and_as_the_model_does(made, discs):
    result, workspace = made
    published = export(result, workspace=workspace)
    files = sorted((discs / "image").glob("*.png"))[:3]
    with Image.open(files[0]) as picture:
        stream = io.BytesIO()
        picture.resize((21, 90)).save(stream, "PNG")
    encoded = [file.read_bytes() for file in files]

    with running(workspace.saved_models) as url:
        masks = Client(url).answers(published.name, [*encoded, stream.getvalue()])

    assert all(isinstance(mask, Mask) for mask in masks)
    pictures = [np.asarray(Image.open(io.BytesIO(mask.png))) for mask in masks]
    assert [picture.shape for picture in pictures] == [(40, 48)] * 3 + [(90, 21)]
    for picture, mask, file in zip(pictures, masks, files, strict=False):
        truth = np.asarray(Image.open(discs / "label" / file.name))
        assert set(np.unique(picture)) <= {0, 255}
        assert np.mean(picture == truth) > 0.95
        assert mask.shares["disc"] == pytest.approx(np.mean(picture == 255), abs=1e-6)


def test_the_export_of_another_network_is_refused(made, monkeypatch):
    result, workspace = made
    real = trained.load

    def other(found):
        read_back = real(found)
        model = keras.models.clone_model(read_back.model)
        return trained.Trained(model, read_back.preprocessing, read_back.classes, read_back.fingerprint)

    before = sorted((workspace.saved_models).glob("*/*"))
    from kcnn.experiment import exporters

    class Swapped(exporters.images._Segmenter):
        def module(self):
            self.run, kept = other(find(workspace, result.run)), self.run
            made = super().module()
            self.run = kept
            return made

    monkeypatch.setattr(exporters, "exporter", lambda recipe: Swapped)
    with pytest.raises(InputError, match="was not published, its SavedModel is another: probabilities of serving_def"):
        export(result, workspace=workspace)
    assert sorted((workspace.saved_models).glob("*/*")) == before


def test_an_interrupted_run_ends_as_if_it_had_not_been(discs, tmp_path):
    from .test_run import StopAfter

    whole = run(recipe(discs), workspace=Workspace(tmp_path / "whole"), epochs=2, deterministic=True)
    listener, workspace = StopAfter(1), Workspace(tmp_path / "cut")
    from kcnn.errors import InterruptedRun
    from kcnn.experiment.run import resume

    with pytest.raises(InterruptedRun):
        run(recipe(discs), workspace=workspace, listener=listener, stop=listener.stop, epochs=2, deterministic=True)
    resumed = resume("latest", workspace=workspace)

    for name, value in whole.metrics.items():
        if name not in ("images_per_second", "waiting"):
            assert resumed.metrics[name] == value, name


def test_unpadded_networks_are_answered_whole_too(discs, tmp_path):
    changes = {"model.options": {"base": 2, "dropout": 0.0}, "data.size": 188, "data.overlap": 0, "data.crops": 1}

    result = run(recipe(discs, **changes), workspace=Workspace(tmp_path), epochs=1)

    assert 0.0 < result.metrics["test_accuracy"] <= 1.0


@pytest.mark.slow
def test_models_for_masks_are_compared_by_intersection_over_union(discs, tmp_path):
    drafts = for_data(str(discs), ["unet", "fcn8s"], 32)
    small = {"unet": {"base": 2, "padding": "same"}, "fcn8s": {"backbone": "resnet18", "dropout": 0.0}}
    recipes = [override(each, {"model.options": small[each.model.name], "crops": 1, "overlap": 0}) for each in drafts]

    comparison = compare(recipes, workspace=Workspace(tmp_path), epochs=1)

    assert comparison.headline.metric == "iou"
    assert comparison.best.metrics["val_iou"] == max(each.metrics["val_iou"] for each in comparison.results)
    assert all(row["test_iou"] is not None for row in comparison.rows())


@pytest.mark.parametrize(
    ("changes", "kind", "message"),
    [
        ({"data.size": 40}, InputError, "unet needs sides that are multiples of 16"),
        ({"data.overlap": 16}, InputError, "data.overlap must be less than half"),
        ({"model.name": "lenet5", "model.options": {}}, InputError, r"lenet5 \(classification\) learns from data.kind"),
        ({"data.source": "digits"}, InputError, "must be a folder of images and masks, got 'digits'"),
        ({"data.source": "nowhere/here"}, DataError, "nowhere/here is not there"),
    ],
)
def test_what_does_not_fit_is_refused(discs, tmp_path, changes, kind, message):
    with pytest.raises(kind, match=message):
        run(recipe(discs, **changes), workspace=Workspace(tmp_path))


def test_a_transfer_to_masks_is_refused(discs, tmp_path):
    wanted = replace(recipe(discs), transfer=Transfer(weights="efficientnet_lite0"))

    with pytest.raises(InputError, match="a transfer ends in a classifier of images, not in unet: leave transfer out"):
        run(wanted, workspace=Workspace(tmp_path))


def test_labels_do_not_teach_a_segmentation(tmp_path):
    with pytest.raises(InputError, match=r"unet \(segmentation\) learns from data.kind=masks, got images"):
        run(
            "lenet5_digits",
            workspace=Workspace(tmp_path),
            **{"model.name": "unet", "data.size": 188, "model.options": {}},
        )


def test_images_smaller_than_the_network_s_stride_are_named_before_anything_is_trained(tmp_path):
    folder = write(tmp_path / "small", 6)
    for side in ("image", "label"):
        Image.new("L", (12, 40)).save(folder / side / "03.png")

    with pytest.raises(DataError, match=r"1 image cannot be used, unet needs at least 16 pixels a side: .*03.png"):
        run(recipe(folder), workspace=Workspace(tmp_path))


def test_a_segmentation_is_not_explained_and_starts_no_transfer(made, discs):
    result, workspace = made
    picture = next((discs / "image").glob("*.png"))
    with pytest.raises(InputError, match=r"are of classifiers of images: .* is a unet \(segmentation of images\)"):
        explain(result, picture, workspace=workspace)


@pytest.mark.slow
@pytest.mark.parametrize("precision", ["mixed_bfloat16", "mixed_float16"])
def test_what_learned_in_half_precision_is_saved_and_published_whole(discs, tmp_path, precision):
    workspace = Workspace(tmp_path)

    made = run(recipe(discs), workspace=workspace, epochs=2, precision=precision)

    saved = keras.models.load_model(made.paths["model"], compile=False)
    assert {layer.compute_dtype for layer in saved.layers} == {"float32"}
    assert export(made, workspace=workspace).difference < 1e-4


@pytest.mark.parametrize("channels", [1, pytest.param(3, marks=pytest.mark.slow)])
def test_coloured_images_of_many_classes_with_borders_and_uncounted_pixels_are_learned(tmp_path, channels):
    folder = write(tmp_path / "many", 8)
    for index in range(8):
        label = folder / "label" / f"{index:02}.png"
        mask = np.asarray(Image.open(label)).copy()
        mask[mask == 255] = 2
        mask[:, :12][mask[:, :12] == 2] = 1
        mask[:3] = 9
        Image.fromarray(mask).save(label)
        with Image.open(folder / "image" / f"{index:02}.png") as picture:
            grey = picture.convert("RGB")
        grey.save(folder / "image" / f"{index:02}.png")
    changes = {"data.values": [0, 1, 2], "data.classes": ["ground", "left", "right"], "data.ignore": 9}
    weighted = {"data.border_weight": 5.0, "data.balanced": True, "data.channels": channels}
    workspace = Workspace(tmp_path / "workspace")

    made = run(recipe(folder, **changes, **weighted), workspace=workspace, epochs=3, patience=1)

    counts = json.loads((workspace.run(made.run) / "confusion.json").read_text())["counts"]
    assert sum(map(sum, counts)) == made.facts["test_examples"] * 37 * 48
    assert "test_rand_error" not in made.metrics
    assert export(made, workspace=workspace).difference < 1e-4

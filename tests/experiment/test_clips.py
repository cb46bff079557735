"""Clips, from a folder or a generator to a trained network and its record."""

import shutil
import sys
from types import ModuleType

import keras
import numpy as np
import pytest
from PIL import Image
from scipy.special import log_softmax

from kcnn.cli.predict_videos import frames
from kcnn.data import address
from kcnn.data.files import VIDEO_SUFFIXES
from kcnn.errors import DataError, InputError, InterruptedRun
from kcnn.experiment import trained
from kcnn.experiment.check import drafted, resolve
from kcnn.experiment.explain_clip import explain_clip
from kcnn.experiment.export import export
from kcnn.experiment.folder import find
from kcnn.experiment.listener import Listener
from kcnn.experiment.own_data import for_data
from kcnn.experiment.run import resume, run
from kcnn.experiment.tasks import check_classifier
from kcnn.models import catalog
from kcnn.recipes import Recipe, load, override
from kcnn.recipes.model import Model
from kcnn.recipes.optimize import Adam
from kcnn.recipes.train import Train
from kcnn.recipes.video import Video
from kcnn.serving.client import Client
from kcnn.serving.server import running
from kcnn.tracking.journal import summarise
from kcnn.workspace import Workspace
from tests.films import corpus

from .test_run import StopAfter


def tiny(shape, classes, name):
    """A convolution that takes the frames for channels, and its maxima."""
    frames, height, width, channels = shape
    clip = keras.Input(shape)
    x = keras.layers.Permute((2, 3, 1, 4))(clip)
    x = keras.layers.Reshape((height, width, frames * channels))(x)
    x = keras.layers.Conv2D(8, 5, strides=2, activation="relu", name="stem")(x)
    x = keras.layers.GlobalMaxPooling2D(name="pooled")(x)
    return keras.Model(clip, keras.layers.Dense(classes, dtype="float32", name="logits")(x), name=name)


@pytest.fixture(scope="module", autouse=True)
def stand_in():
    """A network for clips that is quick."""
    row = catalog.Variant(
        "tiny_clips", "tiny", "tiny_clips", "Nobody: Nothing, 2000", 0, (4, 24, 32, 3), (3, 8, 8), 2, data="video"
    )
    module = ModuleType("kcnn.models.tiny_clips")
    module.BUILDERS = {"tiny_clips": tiny}
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(sys.modules, module.__name__, module)
        patch.setitem(catalog.CATALOG, row.name, row)
        patch.setitem(catalog.EXAMPLES, "video", ("clip", "clips"))
        patch.setitem(catalog.AXES, "video", ("frames", "height", "width", "channels"))
        yield


def recipe(source, **changes):
    drafted = Recipe(
        name="clips",
        data=Video(source=str(source), frames=4),
        model=Model(name="tiny_clips"),
        optimizer=Adam(lr=0.02),
        train=Train(epochs=30, batch_size=4, deterministic=True),
    )
    return override(drafted, {"augment": [{"kind": "pad_crop", "pixels": 2}], **changes})


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return corpus(tmp_path_factory.mktemp("filmed") / "clips")


@pytest.fixture(scope="module")
def space(tmp_path_factory):
    return Workspace(tmp_path_factory.mktemp("runs"))


@pytest.fixture(scope="module")
def result(folder, space):
    return run(recipe(folder), workspace=space)


# Trained


def test_brighter_and_darker_are_told_apart(result):
    assert result.metrics["test_accuracy"] == 1.0
    assert result.metrics["test_loss"] < result.facts["blind_loss"]
    assert (result.facts["examples"], result.facts["input_shape"]) == ("clips", "4x24x32x3")


def test_the_measures_are_those_of_the_saved_model_on_every_clip(result, space):
    found = trained.load(find(space, result.run))
    source = address.load(result.recipe.data)

    for split, part in source.splits.items():
        seen = found.preprocessing.standardize(part.inputs(np.arange(len(part))))
        logs = log_softmax(found.model(seen, training=False).numpy().astype(float), -1)
        assert result.metrics[f"{split}_accuracy"] == np.mean(logs.argmax(-1) == part.labels)
        expected = -logs[np.arange(len(logs)), part.labels].mean()
        assert result.metrics[f"{split}_loss"] == pytest.approx(expected, rel=1e-3, abs=1e-6)


def test_the_record_says_how_long_it_waited_for_clips(result):
    assert 0 <= result.metrics["waiting"] < 1


def test_the_first_clips_are_drawn(result, space):
    with Image.open(space.run(result.run) / "first_batch.png") as picture:
        assert picture.width > 1000


def test_what_the_network_looks_at_is_drawn(result, space):
    with Image.open(space.run(result.run) / "clips_right.png") as picture:
        assert picture.width > 1000
    assert not (space.run(result.run) / "clips_wrong.png").exists()


def test_a_run_that_was_stopped_and_resumed_ends_with_the_same_weights(folder, tmp_path):
    """With stretches and augmentation drawn anew in each epoch."""
    short = recipe(folder, epochs=3)
    listener, cut = StopAfter(1), Workspace(tmp_path / "cut")
    whole = run(short, workspace=Workspace(tmp_path / "whole"))
    with pytest.raises(InterruptedRun):
        run(short, workspace=cut, listener=listener, stop=listener.stop)

    resumed = resume("latest", workspace=cut)

    models = [keras.models.load_model(one.paths["model"], compile=False) for one in (whole, resumed)]
    for one, other in zip(*(model.get_weights() for model in models), strict=True):
        np.testing.assert_array_equal(one, other)
    for metric in whole.metrics.keys() - {"images_per_second", "waiting"}:
        assert resumed.metrics[metric] == pytest.approx(whole.metrics[metric], rel=1e-6), metric


class Spoiler(Listener):
    """Empties a file when the training has begun."""

    def __init__(self, path):
        self.path = path

    def begin(self, run, facts):
        self.path.write_bytes(b"")


@pytest.mark.parametrize("split", ["train", "test"])
def test_a_clip_that_changes_after_it_was_read_ends_the_run_in_one_line(folder, tmp_path, split):
    own, space = shutil.copytree(folder, tmp_path / "own"), Workspace(tmp_path / "space")
    found = (clip.path for clip in address.load(Video(source=str(own), frames=4)).splits[split].clips)
    path = next(path for path in found if path.is_file())

    with pytest.raises(DataError) as refused:
        run(recipe(own, epochs=1), workspace=space, listener=Spoiler(path))

    assert str(refused.value) == f"{path} (fewer frames than when it was first read)"
    assert summarise(find(space, "latest").path).status == "FAILED"


def test_generated_clips_are_trained_on(tmp_path):
    made = run(
        recipe("motions", **{"data.examples": 100, "epochs": 1, "batch_size": 32, "augment": None}),
        workspace=Workspace(tmp_path),
    )

    assert made.facts["input_shape"] == "4x32x32x1"
    assert made.facts["classes"] == 10
    assert {"train_accuracy", "val_accuracy", "test_accuracy"} <= made.metrics.keys()


# Published, asked and explained


@pytest.mark.parametrize("rate", [None, 5.0])
def test_a_published_network_answers_clips_as_the_run_does(result, folder, space, tmp_path, rate):
    made = result if rate is None else run(recipe(folder, epochs=1, **{"data.rate": rate}), workspace=space)
    published = export(made, name=f"at_{rate}", workspace=space)
    clips = sorted(path for path in folder.rglob("*") if path.suffix in VIDEO_SUFFIXES)[:3]

    with running(space.saved_models) as url:
        client = Client(url)
        viewing = client.viewing(published.name)
        answers = client.clips(published.name, [frames(clip, viewing) for clip in clips])

    assert published.difference <= 1e-5
    for clip, answer in zip(clips, answers, strict=True):
        told = explain_clip(made, clip, workspace=space)
        assert told.prediction == answer.class_name
        assert told.probabilities == pytest.approx(answer.probabilities, abs=1e-4)
        assert sum(told.saliency) == pytest.approx(1, abs=1e-6)


# Refused


@pytest.mark.parametrize(
    ("changes", "kind", "message"),
    [
        ({"data.source": "no/where"}, DataError, "no/where is not there"),
        ({"data.source": "motion"}, InputError, "did you mean 'motions'?"),
        ({"model.name": "lenet5"}, InputError, "lenet5 (classification) learns from data.kind=images, got video"),
        ({"data": "images", "data.size": 32}, InputError, "tiny_clips (classification) learns from data.kind=video"),
        (
            {"data.source": "motions", "augment": [{"kind": "affine"}, {"kind": "flip"}]},
            InputError,
            "augment flip makes one class of motions another, such as right of left: leave it out",
        ),
        ({"data.source": "motions", "augment": [{"kind": "dihedral"}]}, InputError, "augment dihedral makes one class"),
        (
            {"data.source": "motions", "augment": [{"kind": "affine", "rotate": 30, "shear": 15}]},
            InputError,
            "augment affine turns motions by up to 45 degrees, which makes up of left: rotate and shear must be below",
        ),
        ({"model.options": {"depth": 3}}, InputError, "depth"),
    ],
)
def test_what_cannot_be_is_refused_before_anything_is_read(folder, here, changes, kind, message):
    with pytest.raises(kind) as refused:
        run(recipe(folder, **changes), workspace=Workspace(here))
    assert message in str(refused.value)
    assert list(here.iterdir()) == []


@pytest.mark.parametrize(
    ("name", "does"),
    [
        ("c3d_small_motions", "c3d_small (classification of clips)"),
        ("spectrogram_cnn_digits", "spectrogram_cnn (classification of recordings)"),
        ("unet_membranes", "unet (segmentation of images)"),
    ],
)
def test_who_is_no_classifier_of_images_is_called_what_it_is(name, does):
    with pytest.raises(InputError) as refused:
        check_classifier("a-run", load(name), "transfers start from")
    assert str(refused.value) == f"transfers start from classifiers of images: a-run is a {does}"


@pytest.mark.parametrize(
    ("source", "rotate"), [("motions", 44), ("shapes", 180)], ids=["a little", "what has no direction"]
)
def test_clips_may_be_turned_as_far_as_their_classes_stay(here, source, rotate):
    turned = recipe(source, augment=[{"kind": "affine", "rotate": rotate}])

    assert resolve(turned, {}, Workspace(here)).augment[0].rotate == rotate


def test_networks_on_ones_own_clips_are_shown_frames_of_one_size():
    (own,) = for_data("./clips", ["tiny_clips"])
    (larger,) = for_data("./clips", ["tiny_clips"], size=96)
    (made,) = for_data("motions", ["tiny_clips"])

    assert (own.name, own.video.size, own.video.frames) == ("tiny_clips_clips", (64, 64), 16)
    assert larger.video.size == (96, 96)
    assert (made.video, made.augment) == (Video(source="motions"), ())


@pytest.mark.parametrize("changes", [{}, {"epochs": 3, "data.frames": 8}])
def test_a_recipe_for_generated_clips_brings_those_of_a_folder_to_a_small_size(changes):
    own = drafted("c3d_small_motions", {"data.source": "./gestures", **changes})

    assert own.video.size == (64, 64)
    assert drafted("c3d_small_motions", changes).video.size is None
    assert drafted("c3d_small_motions", {"data.source": "shapes", **changes}).video.size is None


@pytest.mark.parametrize(("size", "made"), [(None, None), (96, (96, 96)), ([48, 64], (48, 64))])
@pytest.mark.parametrize("key", ["size", "data.size"])
def test_a_size_that_is_said_holds_for_a_folder(key, size, made):
    assert drafted("c3d_small_motions", {"data.source": "./gestures", key: size}).video.size == made


def test_how_many_are_generated_is_left_out_for_a_folder():
    few = drafted("c3d_small_motions", {"data.examples": 100})

    assert few.video.examples == 100
    assert drafted(few, {"data.source": "./gestures"}).video == Video(source="./gestures", size=(64, 64))


def test_a_recipe_for_a_folder_takes_another_as_it_takes_its_own():
    own = drafted("c3d_small_motions", {"data.source": "./gestures", "data.size": None})

    assert drafted(own, {"data.source": "./faces"}).video.size is None

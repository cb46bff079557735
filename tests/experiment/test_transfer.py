"""From weights to a run of its own: the plan is followed, recorded, exported and resumed."""

import json
import threading
import time
from dataclasses import replace

import keras
import numpy as np
import pytest

import kcnn.layers  # noqa: F401  (a model file names its layers)
from kcnn.errors import InputError, InterruptedRun
from kcnn.experiment import pretrained, trained
from kcnn.experiment.export import export
from kcnn.experiment.folder import RunFolder
from kcnn.experiment.listener import Listener
from kcnn.experiment.run import resume, run
from kcnn.experiment.transfer import draft, transfer
from kcnn.experiment.weights import measure
from kcnn.layers.precision import precision
from kcnn.recipes.augment import Flip, PadCrop
from kcnn.tracking.journal import read, summarise
from kcnn.workspace import Workspace
from tests.weights.written import torchvision_file


@pytest.fixture(scope="module")
def workspace(tmp_path_factory):
    return Workspace(tmp_path_factory.mktemp("transfer"))


@pytest.fixture(scope="module")
def source(workspace):
    """A small network that knows the digits a little."""
    return run("resnet20_digits", workspace=workspace, epochs=6)


def address(source):
    return f"run:{source.run}"


def model_of(result):
    return keras.models.load_model(result.paths["model"], compile=False)


def weights(model, names=None):
    return {layer.name: layer.get_weights() for layer in model.layers if layer.weights and layer.name != "logits"}


def equal(one, other):
    return all(np.array_equal(a, b) for name in one for a, b in zip(one[name], other[name], strict=True))


@pytest.fixture(scope="module")
def extracted(workspace, source, tmp_path_factory):
    return transfer(address(source), "digits", scenario=1, workspace=workspace, **{"data.per_class": 20})


def test_a_feature_extractor_keeps_every_weight_but_the_heads(source, extracted):
    before, after = model_of(source), model_of(extracted.result)
    assert equal(weights(before), weights(after))
    assert not np.array_equal(before.get_layer("logits").kernel, after.get_layer("logits").kernel)


def test_its_head_is_fitted_to_the_new_data(extracted):
    assert extracted.result.metrics["train_accuracy"] > 0.9
    assert extracted.result.metrics["test_accuracy"] > 0.8


def test_the_preprocessing_of_the_source_travels_with_the_weights(workspace, source, extracted):
    ours, theirs = (trained.load(RunFolder(workspace.run(one.run))) for one in (extracted.result, source))
    assert ours.preprocessing == theirs.preprocessing


def test_the_plan_and_its_reason_are_recorded(workspace, extracted):
    events = read(workspace.run(extracted.result.run))
    params = {key: value for event in events if event.kind == "params" for key, value in event.values.items()}
    tags = summarise(workspace.run(extracted.result.run)).tags
    assert params["transfer.scenario"] == "1"
    assert params["transfer.frozen"] == params["transfer.cut"] == "pooled"
    assert len(params["transfer.sha256"]) == 64
    assert tags["scenario"] == "1: small and similar"
    assert "training images a class" in tags["why"]


def test_its_recipe_alone_gives_the_same_run_again(workspace, extracted):
    again = run(f"{extracted.result.paths['run']}/recipe.json", workspace=workspace)
    assert again.metrics["test_loss"] == pytest.approx(extracted.result.metrics["test_loss"], abs=1e-6)


def test_it_is_exported_with_its_preprocessing_as_any_model(workspace, extracted):
    made = export(extracted.result, workspace=workspace)
    assert made.examples == 64
    assert made.difference < 1e-5


def test_fine_tuning_changes_every_stage_and_the_lower_ones_less(workspace, source):
    changes = {"data.per_class": 20, "epochs": 4, "augment": None}
    tuned = transfer(address(source), "digits", scenario=2, workspace=workspace, **changes).result
    before, after = weights(model_of(source)), weights(model_of(tuned))
    moved = {
        name: np.abs(before[name][0] - after[name][0]).mean() / np.abs(before[name][0]).mean()
        for name in before
        if name.endswith("_conv")
    }
    assert min(moved.values()) > 0
    assert moved["stem_conv"] < moved["stage3_block3_b_conv"]


def test_images_are_augmented_as_the_sources_own_training_was(workspace, source):
    found = pretrained.find(address(source), workspace)
    assert draft(found, "digits", None, scenario=2).augment == source.recipe.augment
    shifted = replace(found, augment=(PadCrop(pixels=1),))
    assert draft(shifted, "digits", None, scenario=2).augment == (PadCrop(pixels=1),)
    assert draft(shifted, "digits", None, scenario=4).augment == ()
    assert Flip() in draft(replace(found, augment=None), "digits", None, scenario=2).augment


def test_what_is_cut_is_gone_and_what_is_below_stays(workspace, source):
    changes = {"data.per_class": 10, "epochs": 2}
    made = transfer(address(source), "digits", scenario=3, workspace=workspace, **changes)
    plan, after = made.result.recipe.transfer, model_of(made.result)
    before = model_of(source)
    kept = {layer.name for layer in keras.Model(before.input, before.get_layer(plan.cut).output).layers}
    assert set(weights(after)) == {name for name in weights(before) if name in kept}
    frozen = keras.Model(after.input, after.get_layer(plan.frozen).output)
    assert equal(weights(frozen), weights(before))


def test_a_network_can_be_cut_in_the_middle_of_a_stage(workspace, source):
    changes = {"data.per_class": 10, "transfer.cut": "stage2_block1", "transfer.frozen": "stage2_block1"}
    made = transfer(address(source), "digits", scenario=1, workspace=workspace, **changes).result
    assert model_of(made).get_layer("features").output.shape[-1] == 32
    assert made.metrics["train_accuracy"] > 0.5


def test_a_cut_that_was_asked_for_decides_what_is_below_it(workspace, source):
    changes = {"data.per_class": 10, "epochs": 1, "transfer.cut": "stage2_block2"}
    plan = transfer(address(source), "digits", scenario=3, workspace=workspace, **changes).result.recipe.transfer
    assert (plan.cut, plan.frozen) == ("stage2_block2", "stage1")


def test_what_is_asked_for_against_the_data_is_done_and_both_are_said(workspace, source):
    heard = []

    class Hearing(Listener):
        def note(self, message):
            heard.append(message)

    changes = {"data.per_class": 10, "epochs": 1}
    made = transfer(address(source), "digits", scenario=4, workspace=workspace, listener=Hearing(), **changes)
    assert (made.scenario, made.proposal.scenario) == (4, 1)
    assert "Scenario 4 as asked" in heard[0]
    assert "the data call for 1, feature extractor" in heard[0]


def test_stages_that_a_short_training_never_thaws_are_counted(workspace, source):
    heard = []

    class Hearing(Listener):
        def warn(self, message):
            heard.append(message)

    changes = {"data.per_class": 10, "epochs": 2}
    transfer(address(source), "digits", scenario=2, workspace=workspace, listener=Hearing(), **changes)
    assert "2 epochs end before the lowest 2 stages begin to learn" in heard[0]


def test_the_time_to_take_features_and_to_fit_the_head_is_counted(workspace, source):
    begin = time.perf_counter()
    changes = {"data.per_class": 30, "data.split_seed": 7}
    made = transfer(address(source), "digits", scenario=1, workspace=workspace, **changes).result
    assert 0.2 < made.seconds < time.perf_counter() - begin


def test_a_runs_layers_compute_in_the_precision_that_is_asked_for(workspace, source):
    found = pretrained.find(address(source), workspace)
    with precision("mixed_bfloat16"):
        half = pretrained.network(found, (16, 16, 1))
    whole = pretrained.network(found, (16, 16, 1))
    assert {layer.compute_dtype for layer in half.layers if layer.weights} == {"bfloat16", "float32"}
    assert [layer.name for layer in half.layers if layer.weights and layer.compute_dtype == "float32"] == ["logits"]
    images = np.random.default_rng(0).normal(size=(4, 16, 16, 1)).astype("float32")
    answers = [np.asarray(network(images, training=False)) for network in (half, whole)]
    assert not np.array_equal(*answers)
    np.testing.assert_allclose(*answers, atol=0.2 * np.abs(answers[1]).max())


def test_a_random_head_learns_alone_first(workspace, source):
    seen = []

    class Watching(Listener):
        def epoch(self, epoch, metrics):
            seen.append(metrics["accuracy"])

    changes = {
        "data.per_class": 20,
        "transfer.head": "random",
        "transfer.head_epochs": 2,
        "transfer.frozen": None,
        "epochs": 3,
    }
    made = transfer(address(source), "digits", scenario=4, workspace=workspace, listener=Watching(), **changes)
    assert len(seen) == 3
    assert made.result.metrics["train_accuracy"] > seen[0]


def test_a_proposal_says_what_it_saw(workspace, source):
    heard = []

    class Hearing(Listener):
        def note(self, message):
            heard.append(message)

    made = transfer(address(source), "digits", workspace=workspace, listener=Hearing(), **{"data.per_class": 20})
    assert made.proposal.why in heard[0]
    assert made.proposal.scenario == 1  # the same digits that the network was trained on, and few of them
    assert made.proposal.distance < 0.25


@pytest.mark.slow
def test_what_has_been_interrupted_ends_as_if_it_had_not_been(tmp_path, source, workspace):
    class Stopping(Listener):
        def __init__(self, stop):
            self.stop = stop

        def epoch(self, epoch, metrics):
            if epoch == 1:
                self.stop.set()

    changes = {"data.per_class": 10, "epochs": 4, "deterministic": True}
    whole = transfer(address(source), "digits", scenario=2, workspace=workspace, **changes).result
    stop = threading.Event()
    with pytest.raises(InterruptedRun) as interrupted:
        transfer(
            address(source), "digits", scenario=2, workspace=workspace, listener=Stopping(stop), stop=stop, **changes
        )
    resumed = resume(interrupted.value.run, workspace=workspace)
    assert resumed.metrics["test_loss"] == pytest.approx(whole.metrics["test_loss"], abs=1e-6)
    assert equal(weights(model_of(resumed)), weights(model_of(whole)))


def test_features_are_kept_and_a_damaged_cache_is_made_anew(workspace, source, extracted):
    kept = sorted(workspace.features.glob("*/pooled.npy"))
    assert kept
    for path in kept:
        path.write_bytes(path.read_bytes()[:100])
    again = transfer(address(source), "digits", scenario=1, workspace=workspace, **{"data.per_class": 20}).result
    assert again.metrics["test_loss"] == pytest.approx(extracted.result.metrics["test_loss"], abs=1e-6)
    (made,) = (np.load(path) for path in kept if path.stat().st_size > 100)
    counts = RunFolder(workspace.run(again.run)).read("source")["counts"]
    assert made.shape == (sum(counts.values()), 64)


def test_a_file_of_torchvision_is_a_source_as_good_as_any(tmp_path, photographs):
    workspace = Workspace(tmp_path / "workspace")
    file = torchvision_file(tmp_path / "squeezenet1_1-random.safetensors", "squeezenet1_1")
    made = transfer(str(file), str(photographs), scenario=1, size=32, workspace=workspace)
    recipe = json.loads((workspace.run(made.result.run) / "recipe.json").read_text())
    assert recipe["transfer"]["weights"] == str(file)
    assert recipe["transfer"]["cut"] == "features"  # its classifier is a convolution
    assert recipe["model"]["options"] == {"like": "torchvision"}
    assert made.proposal.distance is None
    source = json.loads((workspace.run(made.result.run) / "source.json").read_text())
    assert source["preprocessing"]["mean"] == [0.485, 0.456, 0.406]


def test_a_file_of_keras_without_a_classifier_is_one_too(tmp_path, photographs):
    workspace = Workspace(tmp_path / "workspace")
    theirs = keras.applications.MobileNetV2((96, 96, 3), alpha=0.35, include_top=False, weights=None)
    file = tmp_path / "mobilenet_v2_weights_tf_dim_ordering_tf_kernels_0.35_96_no_top.h5"
    theirs.save_weights(tmp_path / "made.weights.h5")
    (tmp_path / "made.weights.h5").rename(file)
    made = transfer(str(file), str(photographs), scenario=1, size=32, workspace=workspace)
    recipe = json.loads((workspace.run(made.result.run) / "recipe.json").read_text())
    assert recipe["model"]["options"] == {"like": "keras", "width": 0.35}
    ours = model_of(made.result)
    assert np.array_equal(ours.get_layer("stem_conv").kernel, theirs.get_layer("Conv1").kernel)
    with pytest.raises(InputError, match="has no classifier to measure"):
        measure(str(file), file.parent, workspace=workspace)

"""The shipped recipes and the practitioner's question on real data."""

import json
import os
import subprocess

import pytest

from benchmarks import em_patches
from tests.tools import KCNN

pytestmark = pytest.mark.data


def kcnn(workspace, *arguments):
    environment = os.environ | {"KCNN_WORKSPACE": str(workspace)}
    done = subprocess.run([KCNN, *arguments, "--json"], env=environment, check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


@pytest.mark.slow
def test_models_are_compared_on_a_folder_of_photographs(data, tmp_path):
    made = kcnn(tmp_path, "compare", "--data", str(data / "hymenoptera"), "mlp", "lenet5", "--minutes", "0.05")
    assert [run["model"] for run in made["runs"]] == ["mlp", "lenet5"]
    assert made["best"] in {run["run"] for run in made["runs"]}
    for run in made["runs"]:
        # val/ is the folder's own; choices were made on a part of train.
        assert 0 <= run["val_accuracy"] <= 1
        assert run["test_accuracy"] is None


@pytest.mark.slow
def test_ants_and_bees_are_told_apart_by_what_imagenet_taught(data, tmp_path):
    made = kcnn(tmp_path, "transfer", "efficientnet_lite0", str(data / "hymenoptera"), "validation=0")
    assert made["proposal"]["scenario"] == 1
    assert made["proposal"]["distance"] < 0.15
    assert made["metrics"]["val_accuracy"] >= 0.92


@pytest.mark.slow
def test_slices_of_brain_look_different_from_photographs(data, tmp_path):
    patches = tmp_path / "patches"
    em_patches.main(str(data / "em_membranes"), str(patches), per_class=40)
    made = kcnn(tmp_path, "transfer", "efficientnet_lite0", str(patches), "--size", "64", "epochs=1")
    assert made["proposal"]["scenario"] == 3
    assert made["proposal"]["distance"] > 0.3


@pytest.mark.slow
def test_fine_tuning_keeps_up_and_training_from_scratch_does_not(data, tmp_path):
    folder = str(data / "hymenoptera")
    tuned = kcnn(tmp_path, "transfer", "efficientnet_lite0", folder, "--scenario", "2", "validation=0")
    scratch = "resnet20_folder", "model.name=efficientnet_lite0", "data.size=224", "validation=0", "batch_size=32"
    untaught = kcnn(tmp_path, "train", *scratch, "epochs=10", "--data", folder)
    assert tuned["metrics"]["val_accuracy"] >= 0.92
    assert untaught["metrics"]["val_accuracy"] < 0.75


@pytest.fixture(scope="module")
def errors(tmp_path_factory):
    """Test error of a shipped MNIST recipe, and how long it trained; each is trained once."""
    known = {}

    def train(recipe):
        if recipe not in known:
            made = kcnn(tmp_path_factory.mktemp(recipe), "train", recipe)
            known[recipe] = 1 - made["metrics"]["test_accuracy"], made["seconds"]
        return known[recipe]

    return train


@pytest.mark.slow
def test_lenet5_errs_on_at_most_one_test_digit_in_a_hundred_after_at_most_15_minutes(data, errors):
    error, seconds = errors("lenet5_mnist")
    assert error <= 0.010
    assert seconds <= 15 * 60


@pytest.mark.slow
def test_lenet5_as_published_errs_on_at_most_13_in_a_thousand(data, errors):
    assert errors("lenet5_1998_mnist")[0] <= 0.013


@pytest.mark.slow
def test_the_fully_connected_network_is_worse_than_both(data, errors):
    assert errors("mlp_mnist")[0] > max(errors("lenet5_mnist")[0], errors("lenet5_1998_mnist")[0])

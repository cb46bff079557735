"""Weights and plans that cannot be used: refused by name, and nothing is written."""

import pickle

import pytest

from kcnn.errors import InputError
from kcnn.experiment.run import run
from kcnn.experiment.transfer import transfer
from kcnn.experiment.truncate import truncate
from kcnn.workspace import Workspace
from tests.weights.pickles import zip_file
from tests.weights.written import torchvision_file


@pytest.fixture
def workspace(tmp_path):
    return Workspace(tmp_path / "workspace")


@pytest.fixture
def file(tmp_path):
    return torchvision_file(tmp_path / "shufflenet_v2_x0_5.safetensors", "shufflenet_v2_x0_5")


def refusal(workspace, weights, dataset="digits", **changes):
    with pytest.raises(InputError) as refused:
        transfer(str(weights), str(dataset), workspace=workspace, **changes)
    assert not list(workspace.root.rglob("*.json"))
    assert not list(workspace.root.rglob("*.npz"))
    return str(refused.value)


def test_a_name_that_is_almost_right_gets_the_right_one(workspace):
    assert "did you mean 'efficientnet_lite0'" in refusal(workspace, "efficientnet_lit0")


def test_a_network_whose_weights_no_package_ships_is_named(workspace):
    assert "no package ships weights of resnet50" in refusal(workspace, "resnet50")


def test_a_run_that_is_not_there(workspace):
    assert "unknown run 'resnet20'" in refusal(workspace, "run:resnet20")


def test_a_file_that_is_not_there(workspace, tmp_path):
    assert "there is no such file" in refusal(workspace, tmp_path / "resnet18.pth")


def test_weights_of_another_family(workspace, file):
    message = refusal(workspace, file, model="squeezenet1_1", scenario=1)
    assert "these are not the torchvision weights of this model" in message


def test_half_a_file(workspace, file):
    file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])
    assert "shufflenet_v2_x0_5.safetensors is damaged" in refusal(workspace, file, scenario=1)


def test_a_file_with_another_checksum_than_its_name_says(workspace, file):
    named = file.rename(file.with_name("shufflenet_v2_x0_5-0123abcd.safetensors"))
    assert "has the SHA-256" in refusal(workspace, named)


def test_a_pickle_that_would_execute_code_executes_none(workspace, tmp_path):
    class Evil:
        def __reduce__(self):
            return (open, (str(tmp_path / "executed"), "w"))

    path = tmp_path / "resnet18.pth"
    path.write_bytes(pickle.dumps({"conv1.weight": Evil()}, protocol=2))
    refusal(workspace, path, scenario=1)
    assert not (tmp_path / "executed").exists()


def test_a_classifier_of_another_number_of_classes(workspace, tmp_path):
    path = torchvision_file(tmp_path / "shufflenet_v2_x0_5.safetensors", "shufflenet_v2_x0_5", classes=5)
    assert "fc.weight is (5, 1024), not (1000, 1024)" in refusal(workspace, path, scenario=1)


def test_a_tap_that_does_not_exist(workspace, file):
    message = refusal(workspace, file, scenario=1, **{"transfer.cut": "stage33"})
    assert "did you mean 'stage3'" in message


def test_a_frozen_layer_that_the_cut_network_does_not_have(workspace, file):
    message = refusal(workspace, file, scenario=2, **{"transfer.cut": "stage1", "transfer.frozen": "stage3"})
    assert "unknown layer or block" in message


def test_a_network_without_normalisation_needs_a_scenario(workspace, tmp_path):
    path = torchvision_file(tmp_path / "squeezenet1_1.safetensors", "squeezenet1_1")
    assert "give --scenario" in refusal(workspace, path, size=32)


@pytest.mark.parametrize("key", ["transfer.weights", "transfer.scenario", "transfer.sha256", "transfer", "model.name"])
def test_what_the_arguments_say_cannot_be_said_otherwise(workspace, file, key):
    assert f"{key} cannot be changed" in refusal(workspace, file, scenario=1, **{key: None})


@pytest.mark.parametrize("key", ["transfer.cut", "transfer.weights"])
def test_a_search_cannot_be_told_what_it_is_for(workspace, file, key):
    with pytest.raises(InputError, match=f"{key} cannot be changed"):
        truncate(str(file), "digits", workspace=workspace, **{key: "stage1"})


def test_a_search_needs_a_part_of_train_to_choose_by(workspace, file):
    with pytest.raises(InputError, match="nothing of train is held out to choose a cut by"):
        truncate(str(file), "digits", workspace=workspace, size=32, **{"data.validation": 0, "data.per_class": 3})
    assert not list(workspace.root.rglob("*.json"))


def test_a_scenario_beyond_the_four(workspace, file):
    assert "scenario must be one of 1, 2, 3, 4, got 5" in refusal(workspace, file, scenario=5)


def test_data_that_are_not_there(workspace, file):
    assert "is not there" in refusal(workspace, file, dataset="./nowhere")


def test_images_that_are_too_small_for_the_network(workspace, file):
    assert "needs images of at least" in refusal(workspace, file, size=8)


def test_a_value_that_the_plan_cannot_take(workspace, file):
    assert "transfer.rate_decay must be" in refusal(workspace, file, **{"transfer.rate_decay": 2})


def test_weights_that_have_changed_since_the_recipe_was_written(workspace, file, tmp_path):
    made = transfer(str(file), "digits", scenario=1, size=64, workspace=workspace, **{"data.per_class": 3})
    torchvision_file(file, "shufflenet_v2_x0_5", seed=1)
    with pytest.raises(InputError, match="has changed: its SHA-256 is"):
        run(f"{made.result.paths['run']}/recipe.json", workspace=workspace)


def test_a_torch_file_that_holds_no_tensors(workspace, tmp_path):
    path = zip_file(tmp_path / "resnet18.pth", {"answer": 42})
    assert "resnet18.pth" in refusal(workspace, path or tmp_path / "resnet18.pth", scenario=1)

"""A comparison trains every recipe under one parent and says which is best."""

import json
import shutil
import threading
from dataclasses import replace

import pytest
from mlflow import MlflowClient

from kcnn.errors import DataError, HeldRun, InputError, InterruptedRun
from kcnn.experiment.compare import Comparison, compare, resume
from kcnn.experiment.folder import RunFolder
from kcnn.experiment.listener import Listener
from kcnn.experiment.own_data import for_data
from kcnn.experiment.result import Result
from kcnn.recipes import load
from kcnn.tracking.journal import runs, summarise
from kcnn.workspace import Workspace


def result(name, parameters=100, **accuracies):
    metrics = {f"{split}_accuracy": value for split, value in accuracies.items()}
    choosing = next((split for split in ("holdout", "val") if split in accuracies), "train")
    facts = {"model": "lenet5", "parameters": parameters, "multiply_adds": 1, "choosing": choosing}
    return Result(name, load("lenet5_digits"), metrics | {"images_per_second": 1.0}, facts, 1.0, {})


def test_the_table_has_what_a_choice_needs(compared):
    rows = compared.comparison.rows()
    assert [row["recipe"] for row in rows] == ["mlp_digits", "lenet5_digits"]
    columns = {"val_accuracy", "test_accuracy", "parameters", "multiply_adds", "images_per_second", "seconds"}
    for row in rows:
        assert all(row[column] is not None for column in columns)
    json.dumps(compared.comparison.to_json(), allow_nan=False)


def test_its_runs_hang_below_it_in_mlflow(compared):
    client = MlflowClient(compared.workspace.tracking_uri)
    found = client.search_runs([client.get_experiment_by_name("kcnn").experiment_id])
    by_name = {run.info.run_name: run for run in found}
    parent = by_name[compared.comparison.name]
    assert parent.info.status == "FINISHED"
    assert parent.data.tags["best"] == compared.comparison.best.run
    for one in compared.comparison.results:
        assert by_name[one.run].data.tags["mlflow.parentRunId"] == parent.info.run_id
    folder = compared.workspace.artifacts / parent.info.artifact_uri.removeprefix("mlflow-artifacts:/")
    assert (folder / "figures" / "comparison.png").stat().st_size > 1000
    assert json.loads((folder / "comparison.json").read_text())["best"] == compared.comparison.best.run


def test_the_best_is_best_on_what_choices_are_made_by_not_on_the_reported_split():
    lucky, better = result("lucky", val=0.8, test=0.99), result("better", val=0.9, test=0.9)
    assert Comparison("c", (lucky, better), {}).best is better


def test_a_part_held_out_of_train_decides_before_the_folders_own_val():
    held, shown = result("held", holdout=0.9, val=0.5), result("shown", holdout=0.8, val=0.9)
    assert Comparison("c", (shown, held), {}).best is held


def test_without_a_held_out_part_the_reported_split_still_decides_nothing():
    lucky, better = result("lucky", train=0.8, test=0.99), result("better", train=0.9, test=0.9)
    assert Comparison("c", (lucky, better), {}).best is better


def test_of_equals_the_smaller_is_best():
    large, small = result("large", 1000, val=0.9), result("small", 10, val=0.9)
    assert Comparison("c", (large, small), {}).best is small


def test_a_recipe_that_diverges_is_reported_and_the_others_go_on(tmp_path):
    mlp = load("mlp_digits")
    wild = replace(mlp, name="wild", optimizer=replace(load("resnet20_digits").optimizer, lr=1e12))
    made = compare([wild, mlp], workspace=Workspace(tmp_path), epochs=1)
    assert list(made.failed) == ["wild"]
    assert [one.recipe.name for one in made.results] == ["mlp_digits"]
    assert {run.status for run in runs(Workspace(tmp_path))} == {"FAILED", "FINISHED"}


def test_every_name_is_checked_before_the_first_training(tmp_path):
    with pytest.raises(InputError, match="did you mean 'lenet5_digits'"):
        compare(["mlp_digits", "lenet5_digts"], workspace=Workspace(tmp_path))
    assert runs(Workspace(tmp_path)) == []


def test_the_same_recipe_twice_is_refused(tmp_path):
    with pytest.raises(InputError, match="named twice"):
        compare(["mlp_digits", "mlp_digits"], workspace=Workspace(tmp_path))


def test_models_on_ones_own_data_differ_in_nothing_but_the_model():
    first, second = for_data("./photos", ["lenet5", "resnet20_cifar"])
    assert first.name == "lenet5_photos"
    assert replace(second, name=first.name, model=first.model) == first
    assert first.data.size == 64


@pytest.mark.parametrize(
    ("source", "size", "sides", "stems"),
    [
        ("tfds:cifar10", None, 32, [True, True, False]),
        ("./photos", None, 64, [True, False, False]),
        ("./photos", 96, 96, [False, False, False]),
    ],
)
def test_small_images_get_small_stems_where_a_model_can_have_one(source, size, sides, stems):
    recipes = for_data(source, ["alexnet", "resnet18", "resnet20_cifar"], size)

    assert [recipe.data.size for recipe in recipes] == [sides] * 3
    assert ["small_stem" in recipe.model.options for recipe in recipes] == stems


def test_models_that_do_not_exist_are_named_before_anything_is_trained():
    with pytest.raises(InputError, match="did you mean 'lenet5'"):
        for_data("digits", ["lenet55"])


def test_models_are_compared_on_a_folder_with_an_equal_budget(tmp_path, photographs):
    workspace = Workspace(tmp_path)
    recipes = for_data(str(photographs), ["mlp", "lenet5"], size=32)
    made = compare(recipes, workspace=workspace, listener=Listener(), minutes=0.03)
    assert [row["model"] for row in made.rows()] == ["mlp", "lenet5"]
    assert all(one.recipe.train.steps for one in made.results)


def test_faulty_data_end_a_comparison_as_faulty_data(tmp_path, photographs):
    (photographs / "red" / "bad.png").write_text("not an image")
    with pytest.raises(DataError, match=r"bad\.png"):
        compare(for_data(str(photographs), ["mlp", "lenet5"], size=32), workspace=Workspace(tmp_path))


class StopAt(Listener):
    """Stops a comparison as soon as so many trainings have begun."""

    def __init__(self, count):
        self.left = count
        self.stop = threading.Event()

    def begin(self, run, facts):
        self.left -= 1
        if not self.left:
            self.stop.set()


def interrupted(recipes, workspace, count, **options):
    """The name of a comparison that was stopped when so many of its trainings had begun."""
    listener = StopAt(count)
    with pytest.raises(InterruptedRun) as stopped:
        compare(recipes, workspace=workspace, listener=listener, stop=listener.stop, **options)
    assert f"kcnn compare --resume {stopped.value.run}" in str(stopped.value)
    return stopped.value.run


def test_a_comparison_that_is_stopped_is_recorded_as_stopped(tmp_path):
    interrupted(["mlp_digits", "lenet5_digits"], Workspace(tmp_path), 1)
    assert [run.status for run in runs(Workspace(tmp_path))] == ["KILLED", "KILLED"]


def test_a_comparison_goes_on_where_it_was_interrupted(tmp_path):
    workspace = Workspace(tmp_path)
    name = interrupted(["mlp_digits", "lenet5_digits"], workspace, 2, epochs=2, deterministic=True)
    before = {run.name: run.status for run in runs(workspace)}
    (finished,) = (run for run, status in before.items() if status == "FINISHED")
    journal = (workspace.run(finished) / "journal.jsonl").read_bytes()

    made = resume("latest", workspace=workspace)

    assert made.name == name
    assert {run.name: run.status for run in runs(workspace)} == dict.fromkeys(before, "FINISHED")
    assert (workspace.run(finished) / "journal.jsonl").read_bytes() == journal
    whole = compare(["mlp_digits", "lenet5_digits"], workspace=workspace, epochs=2, deterministic=True)
    ours, theirs = ([(row["recipe"], row["test_accuracy"]) for row in each.rows()] for each in (made, whole))
    assert ours == theirs
    with pytest.raises(InputError, match="is finished: there is nothing to resume"):
        resume(name, workspace=workspace)
    with pytest.raises(InputError, match="unknown run"):
        resume(finished, workspace=workspace)


def test_what_has_failed_by_its_own_fault_fails_again_and_the_others_go_on(tmp_path):
    mlp = load("mlp_digits")
    wild = replace(mlp, name="wild", optimizer=replace(load("resnet20_digits").optimizer, lr=1e12))
    name = interrupted([wild, mlp], Workspace(tmp_path), 2, epochs=1)
    made = resume(name, workspace=Workspace(tmp_path))
    assert list(made.failed) == ["wild"]
    assert [one.recipe.name for one in made.results] == ["mlp_digits"]
    assert sorted(run.status for run in runs(Workspace(tmp_path))) == ["FAILED", "FINISHED", "FINISHED"]


@pytest.mark.parametrize("begun", [True, False])
def test_runs_on_other_data_are_not_compared(tmp_path, photographs, begun):
    workspace = Workspace(tmp_path / "workspace")
    recipes = [
        replace(one, train=replace(one.train, epochs=1)) for one in for_data(str(photographs), ["mlp", "lenet5"])
    ]
    name = interrupted(recipes, workspace, 2)
    if not begun:  # killed before the second training has written anything
        (second,) = workspace.runs.glob("lenet5_*")
        shutil.rmtree(second)
    next((photographs / "red").iterdir()).unlink()
    with pytest.raises(DataError, match="has changed since"):
        resume(name, workspace=workspace)
    statuses = {run.name.split("_")[0]: run.status for run in runs(workspace) if run.name != name}
    assert statuses == {"mlp": "FINISHED", "lenet5": "KILLED"} if begun else {"mlp": "FINISHED"}
    assert not [path for path in workspace.runs.glob("lenet5_*") if not (path / "journal.jsonl").exists()]


def test_what_another_process_is_at_is_not_taken_for_a_failure(tmp_path):
    workspace = Workspace(tmp_path)
    name = interrupted(["mlp_digits", "lenet5_digits"], workspace, 2, epochs=1)
    (second,) = workspace.runs.glob("lenet5_*")
    with RunFolder(second).locked(), pytest.raises(HeldRun, match=f"another process is at {second.name}"):
        resume(name, workspace=workspace)
    with RunFolder(workspace.run(name)).locked(), pytest.raises(HeldRun, match=f"another process is at {name}"):
        resume(name, workspace=workspace)
    assert len(resume(name, workspace=workspace).results) == 2


def test_a_run_that_was_killed_between_its_result_and_its_end_is_ended(tmp_path):
    workspace = Workspace(tmp_path)
    name = interrupted(["mlp_digits", "lenet5_digits"], workspace, 2, epochs=1)
    (first,) = workspace.runs.glob("mlp_*")
    journal = first / "journal.jsonl"
    journal.write_text("".join(line for line in journal.read_text().splitlines(True) if '"finish"' not in line))
    assert summarise(first).status == "INTERRUPTED"
    resume(name, workspace=workspace)
    assert summarise(first).status == "FINISHED"

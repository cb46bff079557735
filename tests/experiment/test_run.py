"""A run leaves a whole record; what stops it leaves what it needs to go on."""

import json
import threading

import keras
import numpy as np
import pytest
from mlflow import MlflowClient

import kcnn
from kcnn.data import address
from kcnn.data.preprocessing import Preprocessing
from kcnn.errors import DataError, InputError, InterruptedRun
from kcnn.experiment.export import export
from kcnn.experiment.folder import RunFolder, find, new
from kcnn.experiment.listener import Listener
from kcnn.experiment.run import resume, run
from kcnn.experiment.serve import serve
from kcnn.recipes import Recipe, from_json, load
from kcnn.tracking.journal import read, runs, summarise
from kcnn.training.trainer import Diverged
from kcnn.workspace import Workspace


class Listening(Listener):
    def __init__(self):
        self.warnings = []

    def warn(self, message):
        self.warnings.append(message)


class Noting(Listening):
    def __init__(self):
        super().__init__()
        self.notes = []

    def note(self, message):
        self.notes.append(message)


class StopAfter(Listener):
    """Asks the training to stop once so many epochs are over."""

    def __init__(self, epochs):
        self.left = epochs
        self.stop = threading.Event()

    def epoch(self, epoch, metrics):
        self.left -= 1
        if not self.left:
            self.stop.set()


@pytest.fixture
def record(compared):
    """The MLflow run of LeNet-5, and the client that found it."""
    client = MlflowClient(compared.workspace.tracking_uri)
    experiment = client.get_experiment_by_name("kcnn").experiment_id
    name = compared.comparison.results[1].run
    (found,) = client.search_runs([experiment], f"tags.`kcnn.run` = '{name}'")
    return found


def artifacts(compared, record):
    folder = compared.workspace.artifacts / record.info.artifact_uri.removeprefix("mlflow-artifacts:/")
    return {str(path.relative_to(folder)): path for path in folder.rglob("*") if path.is_file()}


def test_the_record_says_what_was_run_with_what_on_what(compared, record):
    facts = {"model", "parameters", "multiply_adds", "device", "data_fingerprint", "train_examples", "test_examples"}
    assert facts <= set(record.data.params)
    assert record.data.params["parameters"] == "61706"
    assert record.data.params["train.epochs"] == "2"
    assert record.data.params["optimizer.lr"] == "0.002"
    versions = {"git_commit", "version.tensorflow", "version.keras", "version.kcnn", "python", "host"}
    assert versions <= set(record.data.tags)


def test_the_record_has_every_epoch_and_the_end(compared, record):
    client = MlflowClient(compared.workspace.tracking_uri)
    for name in ("loss", "accuracy", "val_loss", "val_accuracy", "learning_rate", "images_per_second", "waiting"):
        history = client.get_metric_history(record.info.run_id, name)
        assert [metric.step for metric in history] == [0, 1], name
    for name in (
        "train_accuracy",
        "val_accuracy",
        "test_accuracy",
        "test_loss",
        "seconds",
        "images_per_second",
        "waiting",
    ):
        assert f"final_{name}" in record.data.metrics


def test_the_record_keeps_figures_confusion_matrix_recipe_and_model(compared, record):
    kept = artifacts(compared, record)
    assert {
        "recipe.json",
        "result.json",
        "confusion.json",
        "figures/curves.png",
        "figures/confusion.png",
        "figures/first_batch.png",
        "model/model.keras",
    } <= set(kept)
    result = compared.comparison.results[1]
    again = from_json(Recipe, json.loads(kept["recipe.json"].read_text()))
    assert again == result.recipe
    counts = np.array(json.loads(kept["confusion.json"].read_text())["counts"])
    assert np.trace(counts) / counts.sum() == pytest.approx(result.metrics["test_accuracy"])


def test_the_accuracy_is_that_of_the_stored_model_on_every_test_example_once(compared):
    result = compared.comparison.results[1]
    folder = RunFolder(compared.workspace.run(result.run))
    test = address.load(result.recipe.data).splits["test"]
    model = keras.models.load_model(folder.model, compile=False)
    standardize = Preprocessing.from_json(folder.read("source")["preprocessing"]).standardize
    answers = model(standardize(test.pixels), training=False).numpy().argmax(-1)
    assert result.metrics["test_accuracy"] == np.mean(answers == test.labels)


def test_the_result_as_json_is_what_programs_are_promised(compared):
    result = compared.comparison.results[0].to_json()
    assert set(result) == {"run", "metrics", "seconds", "paths"}
    for split in ("train", "val", "test"):
        assert 0 <= result["metrics"][f"{split}_accuracy"] <= 1
    json.dumps(result)


def test_a_stopped_run_goes_on_where_it_was(tmp_path):
    workspace, stopper = Workspace(tmp_path), StopAfter(1)
    with pytest.raises(InterruptedRun) as interrupted:
        run("mlp_digits", workspace=workspace, listener=stopper, stop=stopper.stop, epochs=3)
    name = interrupted.value.run
    assert summarise(workspace.run(name)).status == "KILLED"
    left = workspace.run(name) / ".checkpoint-killed.npz"
    left.touch()
    assert resume("latest", workspace=workspace).run == name
    assert not left.exists()
    assert summarise(workspace.run(name)).status == "FINISHED"
    with pytest.raises(InputError, match="nothing to resume"):
        resume(name, workspace=workspace)


def test_a_run_is_refused_while_another_process_trains_it(tmp_path):
    workspace, stopper = Workspace(tmp_path), StopAfter(1)
    with pytest.raises(InterruptedRun) as interrupted:
        run("mlp_digits", workspace=workspace, listener=stopper, stop=stopper.stop, epochs=2)
    with (
        RunFolder(workspace.run(interrupted.value.run)).locked(),
        pytest.raises(InputError, match="another process is at"),
    ):
        resume("latest", workspace=workspace)


def test_a_loss_that_is_no_number_ends_the_run_as_failed(tmp_path):
    workspace = Workspace(tmp_path)
    with pytest.raises(Diverged, match="optimizer.lr"):
        run("mlp_digits", workspace=workspace, epochs=3, optimizer={"kind": "sgd", "lr": 1e12})
    (failed,) = runs(workspace)
    assert failed.status == "FAILED"


def test_a_tracking_server_that_is_down_stops_nothing(tmp_path, monkeypatch):
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://127.0.0.1:9")
    workspace, listener = Workspace(tmp_path), Listening()
    result = run("mlp_digits", workspace=workspace, listener=listener, epochs=1)
    assert len(listener.warnings) == 1
    assert "kcnn runs --sync" in listener.warnings[0]
    assert summarise(workspace.run(result.run)).metrics["final_test_accuracy"] == result.metrics["test_accuracy"]


def test_mixed_precision_keeps_a_model_in_float32(tmp_path):
    workspace = Workspace(tmp_path)
    result = run("lenet5_digits", workspace=workspace, epochs=1, precision="mixed_bfloat16")
    model = keras.models.load_model(RunFolder(workspace.run(result.run)).model, compile=False)
    assert {layer.compute_dtype for layer in model.layers} == {"float32"}


def test_what_the_data_refuse_leaves_no_run_behind(tmp_path):
    (tmp_path / "photos" / "cat").mkdir(parents=True)
    workspace = Workspace(tmp_path)
    with pytest.raises(DataError):
        run("resnet20_folder", workspace=workspace, **{"data.source": str(tmp_path / "photos")})
    assert list(workspace.runs.iterdir()) == []


def test_a_run_whose_data_changed_is_not_resumed(tmp_path, photographs):
    workspace, stopper = Workspace(tmp_path), StopAfter(1)
    terms = {"data.source": str(photographs), "data.size": 16, "epochs": 2, "batch_size": 4}
    with pytest.raises(InterruptedRun):
        run("resnet20_folder", workspace=workspace, listener=stopper, stop=stopper.stop, **terms)
    next(photographs.rglob("*.png")).unlink()
    with pytest.raises(InputError, match="has changed since"):
        resume("latest", workspace=workspace)


def test_minutes_choose_the_number_of_steps_and_the_recipe_says_so(tmp_path):
    workspace = Workspace(tmp_path)
    result = run("mlp_digits", workspace=workspace, minutes=0.02)
    stored = RunFolder(workspace.run(result.run)).recipe().train
    assert stored.steps is not None
    assert summarise(workspace.run(result.run)).status == "FINISHED"


def test_the_verbs_stand_at_the_top_of_the_package():
    assert (kcnn.run, kcnn.export, kcnn.serve) == (run, export, serve)
    assert kcnn.build("lenet5").count_params() == 61_706
    with pytest.raises(AttributeError, match="no attribute 'rum'"):
        _ = kcnn.rum


def test_the_recipe_a_run_recorded_can_be_run_again(compared, tmp_path):
    recorded = compared.workspace.run(compared.comparison.results[0].run) / "recipe.json"
    again = run(str(recorded), workspace=Workspace(tmp_path), epochs=1)
    assert again.recipe.train.epochs == 1
    assert again.recipe.model == compared.comparison.results[0].recipe.model


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"name": "x", "epochs": 3}'])
def test_a_file_that_holds_no_recipe_is_refused(tmp_path, content):
    (tmp_path / "recipe.json").write_text(content)
    with pytest.raises(InputError, match="holds no recipe"):
        run(str(tmp_path / "recipe.json"), workspace=Workspace(tmp_path))


@pytest.mark.slow
def test_minutes_are_about_kept(tmp_path):
    result = run("mlp_digits", workspace=Workspace(tmp_path), minutes=0.25)
    assert 15 / 2 < result.seconds < 15 * 2


def test_the_trial_of_a_budget_leaves_the_network_untrained(tmp_path):
    workspace = Workspace(tmp_path)
    result = run("lenet5_digits", workspace=workspace, minutes=0.05, epochs=2)
    untrained = run("lenet5_digits", workspace=workspace, epochs=1)
    assert first_loss(workspace, result) > 0.7 * first_loss(workspace, untrained)


def first_loss(workspace, result):
    events = read(workspace.run(result.run))
    return next(event.values["values"]["loss"] for event in events if event.kind == "metrics")


def test_patience_without_a_part_held_out_is_refused(tmp_path):
    with pytest.raises(InputError, match=r"data\.validation"):
        run("mlp_digits", workspace=Workspace(tmp_path), patience=2, validation=0.0)


def test_the_newest_run_stays_the_latest_whatever_is_done_with_older_ones(tmp_path):
    workspace = Workspace(tmp_path)
    first, second = (new(workspace, load("mlp_digits")) for _ in range(2))
    (first.path / "delivered.json").write_text("{}")
    assert find(workspace, "latest").name == second.name

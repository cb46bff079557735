"""Journals reach MLflow whole and once, whatever is in the way."""

import shutil
import time

import pytest
from mlflow import MlflowClient
from mlflow.entities import ViewType

from kcnn.errors import InputError
from kcnn.tracking.delivery import Delivery, deliver, sync
from kcnn.tracking.journal import Journal
from kcnn.tracking.mlflow import EXPERIMENT
from kcnn.tracking.ui import server_command
from kcnn.workspace import Workspace

NOWHERE = "http://127.0.0.1:9"


@pytest.fixture(scope="module")
def empty_store(tmp_path_factory):
    """A database with MLflow's tables, which take seconds to make."""
    workspace = Workspace(tmp_path_factory.mktemp("store"))
    write(workspace, "any")
    assert deliver(workspace.run("any"), workspace, pytest.fail)
    client = MlflowClient(workspace.tracking_uri)
    client.delete_run(stored(workspace, "any").info.run_id)
    return workspace.mlruns / "mlflow.db"


@pytest.fixture
def workspace(tmp_path, empty_store):
    made = Workspace(tmp_path)
    made.mlruns.mkdir()
    shutil.copy(empty_store, made.mlruns / "mlflow.db")
    return made


def write(workspace, name, parent=None):
    """A finished run with something of every kind."""
    journal = Journal(workspace.run(name))
    journal.start(parent=parent, tags={"git_commit": "abc"})
    journal.params({"optimizer.lr": 0.1})
    for step, loss in enumerate((0.5, 0.25)):
        journal.metrics({"loss": loss}, step=step)
    figure = workspace.run(name) / "curves.png"
    figure.write_bytes(b"a figure")
    journal.artifact(figure, "figures")
    journal.finish("FINISHED")
    return journal


def everything(workspace):
    client = MlflowClient(workspace.tracking_uri)
    experiment = client.get_experiment_by_name(EXPERIMENT).experiment_id
    return client.search_runs([experiment], run_view_type=ViewType.ACTIVE_ONLY)


def stored(workspace, name):
    (found,) = [run for run in everything(workspace) if run.data.tags["kcnn.run"] == name]
    return found


def losses(workspace, name):
    history = MlflowClient(workspace.tracking_uri).get_metric_history(stored(workspace, name).info.run_id, "loss")
    return [(metric.step, metric.value) for metric in history]


def test_a_run_arrives_whole(workspace):
    write(workspace, "first")
    assert deliver(workspace.run("first"), workspace, pytest.fail)
    run = stored(workspace, "first")
    assert run.info.run_name == "first"
    assert run.info.status == "FINISHED"
    assert run.data.params == {"optimizer.lr": "0.1"}
    assert run.data.tags["git_commit"] == "abc"
    assert losses(workspace, "first") == [(0, 0.5), (1, 0.25)]
    path = run.info.artifact_uri.removeprefix("mlflow-artifacts:/")
    assert (workspace.artifacts / path / "figures" / "curves.png").read_bytes() == b"a figure"


def test_it_keeps_the_times_at_which_things_happened(workspace):
    write(workspace, "first")
    before = time.time() * 1000
    time.sleep(0.05)
    deliver(workspace.run("first"), workspace, pytest.fail)
    run = stored(workspace, "first")
    assert run.info.start_time <= run.info.end_time <= before


def test_delivering_twice_changes_nothing(workspace):
    write(workspace, "first")
    for _ in range(2):
        deliver(workspace.run("first"), workspace, pytest.fail)
    assert len(everything(workspace)) == 1
    assert len(losses(workspace, "first")) == 2


def test_a_delivery_killed_before_it_wrote_down_how_far_it_came_repeats_nothing(workspace):
    write(workspace, "first")
    deliver(workspace.run("first"), workspace, pytest.fail)
    (workspace.run("first") / "delivered.json").unlink()
    deliver(workspace.run("first"), workspace, pytest.fail)
    assert len(everything(workspace)) == 1
    assert losses(workspace, "first") == [(0, 0.5), (1, 0.25)]


def test_what_is_written_later_follows(workspace):
    journal = write(workspace, "first")
    deliver(workspace.run("first"), workspace, pytest.fail)
    again = Journal(journal.path.parent)
    again.start()
    again.metrics({"loss": 0.125}, step=2)
    again.close()
    deliver(workspace.run("first"), workspace, pytest.fail)
    assert losses(workspace, "first")[-1] == (2, 0.125)
    assert stored(workspace, "first").info.status == "RUNNING"


def test_a_store_that_was_lost_gets_everything_again(workspace, empty_store):
    write(workspace, "first")
    deliver(workspace.run("first"), workspace, pytest.fail)
    client = MlflowClient(workspace.tracking_uri)
    experiment = client.get_experiment_by_name(EXPERIMENT)
    known = workspace.run("first") / "delivered.json"
    known.write_text(known.read_text().replace(stored(workspace, "first").info.run_id, "0" * 32))
    client.set_tag(stored(workspace, "first").info.run_id, "kcnn.run", "somebody else")
    assert sync(workspace) == 1
    assert losses(workspace, "first") == [(0, 0.5), (1, 0.25)]
    assert stored(workspace, "first").info.experiment_id == experiment.experiment_id


def test_a_run_that_the_user_deleted_stays_deleted(workspace):
    journal = write(workspace, "first")
    deliver(workspace.run("first"), workspace, pytest.fail)
    MlflowClient(workspace.tracking_uri).delete_run(stored(workspace, "first").info.run_id)
    journal.tags({"late": "yes"})
    assert sync(workspace) == 0
    assert everything(workspace) == []


def test_the_runs_of_a_comparison_hang_below_it_even_if_they_are_sent_first(workspace):
    write(workspace, "comparison")
    write(workspace, "child", parent="comparison")
    deliver(workspace.run("child"), workspace, pytest.fail)
    deliver(workspace.run("comparison"), workspace, pytest.fail)
    parent = stored(workspace, "comparison")
    assert stored(workspace, "child").data.tags["mlflow.parentRunId"] == parent.info.run_id
    assert parent.info.status == "FINISHED"


def test_a_running_training_is_followed(workspace):
    journal = Journal(workspace.run("live"))
    journal.start()
    with Delivery(workspace.run("live"), workspace, pytest.fail):
        journal.metrics({"loss": 0.5}, step=0)
        limit = time.monotonic() + 30
        while not (workspace.run("live") / "delivered.json").exists() and time.monotonic() < limit:
            time.sleep(0.1)
        assert losses(workspace, "live") == [(0, 0.5)]
        journal.metrics({"loss": 0.25}, step=1)
        journal.finish("FINISHED")
    assert losses(workspace, "live") == [(0, 0.5), (1, 0.25)]


def test_a_server_that_is_down_is_mentioned_once_and_gets_everything_later(workspace, monkeypatch):
    warnings = []
    write(workspace, "first")
    with monkeypatch.context() as down:
        down.setenv("MLFLOW_TRACKING_URI", NOWHERE)
        with Delivery(workspace.run("first"), workspace, warnings.append):
            pass
        with pytest.raises(InputError, match="kcnn runs --sync"):
            sync(workspace)
    assert len(warnings) == 1
    assert "\n" not in warnings[0]
    assert sync(workspace) == 1
    assert losses(workspace, "first") == [(0, 0.5), (1, 0.25)]


def test_sync_counts_only_what_was_missing(workspace):
    write(workspace, "first")
    write(workspace, "second")
    assert sync(workspace) == 2
    assert sync(workspace) == 0


def test_the_server_keeps_its_records_and_artifacts_in_the_workspace(workspace):
    command = server_command(workspace, "127.0.0.1", 5000, "mlflow:5000")
    assert f"sqlite:///{workspace.mlruns}/mlflow.db" in command
    assert str(workspace.artifacts) in command
    hosts = command[command.index("--allowed-hosts") + 1].split(",")
    assert {"mlflow:5000", "localhost:*", "127.0.0.1:*"} <= set(hosts)


def test_one_run_that_cannot_be_sent_does_not_keep_back_the_others(workspace):
    write(workspace, "bad")
    write(workspace, "good")
    (workspace.run("bad") / "delivered.json").write_text("rubbish")
    with pytest.raises(InputError, match="kcnn runs --sync"):
        sync(workspace)
    assert losses(workspace, "good") == [(0, 0.5), (1, 0.25)]


def test_a_run_deleted_under_another_name_of_the_store_stays_deleted(workspace):
    write(workspace, "first")
    deliver(workspace.run("first"), workspace, pytest.fail)
    MlflowClient(workspace.tracking_uri).delete_run(stored(workspace, "first").info.run_id)
    (workspace.run("first") / "delivered.json").unlink()
    assert sync(workspace) == 0
    assert everything(workspace) == []

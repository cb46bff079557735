"""Every recipe on every fold, under one record, gone on with where it was interrupted."""

import json

import numpy as np
import pytest

from kcnn.errors import InputError, InterruptedRun
from kcnn.experiment.crossvalidate import COMMAND, crossvalidate
from kcnn.experiment.several import resume
from kcnn.recipes import load, override
from kcnn.tracking.journal import read, runs
from kcnn.workspace import Workspace

from .blobs import SHARED, write
from .test_run import StopAfter

QUICK = {"data.folds": 2, "data.validation": 0.0, "data.crops": 1, "model.options": {"base": 2, "padding": "same"}}


@pytest.fixture(scope="module")
def discs(tmp_path_factory):
    return write(tmp_path_factory.mktemp("discs"), 6)


def recipe(folder, name="discs", **changes):
    return override(load("lenet5_digits"), {"name": name, "data.source": str(folder), **SHARED, **QUICK, **changes})


def test_every_image_is_tested_once_and_the_spread_is_that_of_the_folds(discs, tmp_path):
    workspace = Workspace(tmp_path)

    made = crossvalidate([recipe(discs)], workspace=workspace, epochs=1)

    sources = [json.loads((workspace.run(run.run) / "source.json").read_text()) for run in made.recipes[0].results]
    assert [source["counts"] for source in sources] == [{"train": 3, "test": 3}] * 2
    assert sources[0]["fingerprint"] != sources[1]["fingerprint"]
    row = made.rows()[0]
    values = [result.metrics["test_iou"] for result in made.recipes[0].results]
    assert row["iou"] == pytest.approx(np.mean(values))
    assert row["iou_spread"] == pytest.approx(np.std(values, ddof=1))
    assert row["trials"] == 2
    kept = json.loads((workspace.run(made.name) / "crossvalidate.json").read_text())
    assert [one["recipe"] for one in kept["rows"]] == ["discs"]
    assert {run.parent for run in runs(workspace) if run.name != made.name} == {made.name}
    assert (workspace.run(made.name) / "crossvalidate.png").exists()
    tags = [event.values for event in read(workspace.run(made.name)) if event.kind == "tags"]
    assert f"| {row['iou']:.4f} ± {row['iou_spread']:.4f} |" in tags[0]["description"]


@pytest.mark.slow  # that of texts is not
def test_what_is_finished_is_kept_when_it_is_gone_on_with(discs, tmp_path):
    listener, workspace = StopAfter(1), Workspace(tmp_path)
    with pytest.raises(InterruptedRun, match="kcnn crossvalidate --resume crossvalidate-"):
        crossvalidate([recipe(discs)], workspace=workspace, listener=listener, stop=listener.stop, epochs=1)
    begun = {run.name for run in runs(workspace) if run.parent}
    finished = [run.name for run in runs(workspace) if run.parent and run.status == "FINISHED"]

    made = resume(COMMAND, "latest", workspace=workspace)

    assert (len(begun), len(finished)) == (2, 1)
    assert {result.run for result in made.recipes[0].results} == begun
    with pytest.raises(InputError, match="is finished: there is nothing to resume"):
        resume(COMMAND, "latest", workspace=workspace)


@pytest.mark.parametrize("name", ["lenet5_digits", "discs"])
def test_what_has_no_folds_is_refused(discs, tmp_path, name):
    wanted = name if name == "lenet5_digits" else recipe(discs, **{"data.folds": None})
    with pytest.raises(
        InputError, match=f"{name} has no folds: data.folds=5 cuts a folder of images and masks, or texts"
    ):
        crossvalidate([wanted], workspace=Workspace(tmp_path))


def test_no_seeds_are_refused_before_anything_is_recorded(discs, tmp_path):
    with pytest.raises(InputError, match="seeds must be at least 1, got 0"):
        crossvalidate([recipe(discs)], seeds=0, workspace=Workspace(tmp_path))

    assert not runs(Workspace(tmp_path))


@pytest.mark.slow
def test_each_fold_starts_from_a_run_of_the_same_fold(discs, tmp_path):
    workspace = Workspace(tmp_path)
    first = crossvalidate([recipe(discs)], workspace=workspace, epochs=1)

    second = crossvalidate(
        [recipe(discs, "on")], workspace=workspace, epochs=1, **{"model.start": "run:discs_fold{fold}"}
    )

    starts = [result.recipe.model.start for result in second.recipes[0].results]
    assert starts == [f"run:{result.run}" for result in first.recipes[0].results]

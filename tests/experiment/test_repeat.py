"""Every recipe from several seeds, under one record, gone on with where it was interrupted."""

import json

import keras
import numpy as np
import pytest

from kcnn.errors import InputError, InterruptedRun
from kcnn.experiment.repeat import COMMAND, repeat
from kcnn.experiment.several import resume
from kcnn.recipes import load, override
from kcnn.tracking.journal import read, runs
from kcnn.workspace import Workspace

from .test_run import StopAfter

SHORT = {"epochs": 1, "steps": 3}
ADDING = {**SHORT, "data.length": 6, "data.examples": 40, "model.options": {"filters": 2, "levels": 1, "kernel": 2}}

GENERATED = {
    "data.source": "digits",
    "data.size": 16,
    "data.fit": "cover",
    "model.options": {"latent": 4, "base": 4, "kernel": 4},
}


def adding(name="adding", **changes):
    return override(load("tcn_adding"), {"name": name, **ADDING, **changes})


@pytest.fixture(scope="module")
def workspace(tmp_path_factory):
    return Workspace(tmp_path_factory.mktemp("repeat"))


@pytest.fixture(scope="module")
def made(workspace):
    """Two recipes from two seeds."""
    return repeat([adding(seed=5), adding("other", **{"optimizer.lr": 0.5})], seeds=2, workspace=workspace)


def test_seeds_go_up_from_that_of_the_recipe_and_the_data_stay(made):
    names = [[result.recipe.name for result in of_recipe.results] for of_recipe in made.recipes]

    assert names == [["adding_seed5", "adding_seed6"], ["other_seed0", "other_seed1"]]
    seeds = [[result.recipe.train.seed for result in of_recipe.results] for of_recipe in made.recipes]
    assert seeds == [[5, 6], [0, 1]]
    results = [result for of_recipe in made.recipes for result in of_recipe.results]
    assert len({result.facts["data_fingerprint"] for result in results}) == 1


def test_another_seed_ends_with_other_weights(made):
    models = [keras.saving.load_model(result.paths["model"], compile=False) for result in made.recipes[0].results]

    one, other = (model.get_weights() for model in models)
    assert any(not np.array_equal(*pair) for pair in zip(one, other, strict=True))


def test_the_table_has_mean_and_spread_of_the_trials(made):
    rows = made.rows()

    assert [row["recipe"] for row in rows] == ["adding", "other"]
    for row, of_recipe in zip(rows, made.recipes, strict=True):
        losses = [result.metrics["test_loss"] for result in of_recipe.results]
        assert row["trials"] == 2
        assert row["loss"] == pytest.approx(np.mean(losses))
        assert row["loss_spread"] == pytest.approx(np.std(losses, ddof=1))
        assert row["seconds"] == pytest.approx(sum(result.seconds for result in of_recipe.results))
        assert row["parameters"] == of_recipe.results[0].facts["parameters"]


def test_table_and_figure_are_kept_with_the_record_of_all_runs(made, workspace):
    folder = workspace.run(made.name)

    kept = json.loads((folder / "repeat.json").read_text())
    assert kept == json.loads(json.dumps(made.to_json()))
    assert (kept["repeat"], kept["failed"]) == (made.name, {})
    assert [run["run"] for run in kept["trials"]["other"]] == [result.run for result in made.recipes[1].results]
    assert (folder / "repeat.png").stat().st_size > 5000
    assert {run.parent for run in runs(workspace) if run.name != made.name} == {made.name}
    events = list(read(folder))
    (row, _) = made.rows()
    tags = [event.values for event in events if event.kind == "tags"]
    assert f"{row['loss']:.4g} ± {row['loss_spread']:.2g}" in tags[0]["description"]
    measured = {name for event in events if event.kind == "metrics" for name in event.values["values"]}
    assert measured == {"adding_loss", "other_loss"}


@pytest.mark.slow
def test_what_is_finished_is_kept_when_it_is_gone_on_with(tmp_path):
    listener, workspace = StopAfter(1), Workspace(tmp_path)
    with pytest.raises(InterruptedRun, match="kcnn repeat --resume repeat-"):
        repeat([adding()], seeds=2, workspace=workspace, listener=listener, stop=listener.stop)
    begun = {run.name for run in runs(workspace) if run.parent}
    finished = {run.name for run in runs(workspace) if run.parent and run.status == "FINISHED"}

    made = resume(COMMAND, "latest", workspace=workspace)

    names = {result.run for result in made.recipes[0].results}
    assert finished < begun <= names
    assert made.command == "repeat"
    with pytest.raises(InputError, match="is finished: there is nothing to resume"):
        resume(COMMAND, "latest", workspace=workspace)
    with pytest.raises(InputError, match="unknown run"):
        resume("crossvalidate", "latest", workspace=workspace)


@pytest.mark.slow
def test_a_trial_that_diverges_is_reported_and_two_have_to_be_left(tmp_path):
    wild = adding(**{"optimizer": {"kind": "sgd", "lr": 1e25}, "schedule": "constant", "clip_norm": None})

    with pytest.raises(InputError, match="fewer than two trials of adding could be done: the loss is"):
        repeat([wild], seeds=2, workspace=Workspace(tmp_path))


@pytest.mark.parametrize(
    ("recipes", "options", "message"),
    [
        (["tcn_adding"], {"seeds": 1}, "seeds must be at least 2, got 1"),
        (["tcn_adding", "tcn_adding"], {}, "the same recipe is named twice"),
        (["tcn_ading"], {}, "unknown recipe 'tcn_ading': did you mean 'tcn_adding'"),
        ([adding(), "mlp_digits"], {"data.length": 5}, "unknown key 'data.length'"),
        ([adding(), "mlp_digits"], {}, r"adding \(regression\) and mlp_digits \(classification\)"),
        (["dcgan_mnist"], GENERATED, "dcgan_mnist cannot be .*: there is no measure of generation"),
        ([], {}, "name at least one recipe"),
    ],
)
def test_what_cannot_be_repeated_is_refused_before_anything_is_trained(tmp_path, recipes, options, message):
    with pytest.raises(InputError, match=message):
        repeat(recipes, workspace=Workspace(tmp_path), **{"seeds": 2, **SHORT, **options})
    assert not list(Workspace(tmp_path).runs.glob("*"))


@pytest.mark.slow
def test_of_data_without_a_test_it_is_val_that_is_tabulated(tmp_path):
    for split in ("train", "val"):
        rows = [f"s{number},{number},{number % 3}" for number in range(20)]
        (tmp_path / f"{split}.csv").write_text("\n".join(["series,x,label", *rows]) + "\n")

    whole = {"data.length": None, "data.examples": 50_000}
    recipe = adding(**{"data.source": str(tmp_path), **whole})
    made = repeat([recipe], seeds=2, workspace=Workspace(tmp_path / "workspace"))

    (row,) = made.rows()
    assert row["loss"] == pytest.approx(np.mean([result.metrics["val_loss"] for result in made.recipes[0].results]))

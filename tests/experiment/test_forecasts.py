"""Dated series from their file to what a server says of them: learned, measured, continued, published."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf

from kcnn.data import address
from kcnn.errors import DataError, InputError, InterruptedRun
from kcnn.evaluation.forecasts import autoregression
from kcnn.evaluation.intervals import Intervals
from kcnn.experiment import trained
from kcnn.experiment.compare import compare
from kcnn.experiment.export import export
from kcnn.experiment.folder import find
from kcnn.experiment.forecast import forecast
from kcnn.experiment.forecaster import Forecaster
from kcnn.experiment.own_data import for_data
from kcnn.experiment.repeat import repeat
from kcnn.experiment.run import resume, run
from kcnn.exporting.forecasts import Continuation
from kcnn.recipes import Recipe
from kcnn.recipes.forecast import Forecast
from kcnn.recipes.model import Model
from kcnn.recipes.optimize import Adam
from kcnn.recipes.train import Train
from kcnn.tracking.journal import read
from kcnn.workspace import Workspace

from .sequences import leading
from .test_run import Noting, StopAfter

WAVENET = Model(name="conditional_wavenet", options={"filters": 4, "levels": 2})
FORMS = {
    "difference": {},
    "log": {"data": {"changes": "log", "targets": ("follower",)}},
    "none": {"data": {"changes": "none"}},
    "lstm": {"model": Model(name="lstm", options={"units": 3})},
}


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    return str(leading(tmp_path_factory.mktemp("series") / "leading.csv"))


@pytest.fixture(scope="module")
def recipes(file):
    """A small recipe by form."""
    made = {}
    for name, changes in FORMS.items():
        data = Forecast(**{"source": file, "length": 16, "horizon": 4, **changes.get("data", {})})
        plan = Train(epochs=2, batch_size=4, deterministic=True)
        model = changes.get("model", WAVENET)
        made[name] = Recipe(name=name, data=data, model=model, optimizer=Adam(lr=1e-2, l2=1e-3), train=plan)
    return made


@pytest.fixture(scope="module")
def workspace(tmp_path_factory):
    return Workspace(tmp_path_factory.mktemp("runs"))


@pytest.fixture(scope="module")
def made(recipes, workspace):
    """A run of each form."""
    return {name: run(recipe, workspace=workspace) for name, recipe in recipes.items()}


@pytest.fixture(scope="module")
def left(made, workspace):
    """What each run has left behind."""
    return {name: trained.load(find(workspace, result.run)) for name, result in made.items()}


@pytest.fixture(scope="module")
def networks(left):
    """What the model of each run answers at the last step of standardised changes (steps, series)."""

    def network(model):
        spec = tf.TensorSpec((None, None, model.input_shape[-1]), tf.float32)
        traced = tf.function(lambda series: model(series, training=False), input_signature=[spec])
        return lambda changes: traced(changes[np.newaxis].astype("float32")).numpy()[0, -1].astype("float64")

    return {name: network(found.model) for name, found in left.items()}


def answer(network, preparation, levels, end):
    """What a network says of the step `end`, standardised, from all the levels there were before."""
    known = np.log(levels) if preparation.changes == "log" else levels
    changes = levels[1:end] if preparation.changes == "none" else np.diff(known[:end], axis=0)
    return network((changes - preparation.mean) / preparation.std)


def level(said, preparation, levels, end):
    """The levels that it speaks of, by a formula for each kind of change."""
    targets = preparation.targets
    change = said * np.array(preparation.std)[:targets] + np.array(preparation.mean)[:targets]
    last = levels[end - 1, :targets]
    return {"difference": last + change, "log": last * np.exp(change), "none": change}[preparation.changes]


@pytest.mark.parametrize("form", FORMS)
def test_the_measures_are_those_of_the_saved_model_on_every_step_of_every_split(made, networks, form):
    result, network = made[form], networks[form]
    source = address.load(result.recipe.data)
    preparation, targets = source.preprocessing, source.preprocessing.targets
    scale = np.abs(np.diff(source.splits["train"].levels[:, :targets], axis=0)).mean(0)

    for split, part in source.splits.items():
        steps = range(part.first, len(part.levels))
        said = [answer(network, preparation, part.levels, step) for step in steps]
        levels = np.stack([level(one, preparation, part.levels, step) for one, step in zip(said, steps, strict=True)])
        errors = np.abs(levels - part.levels[part.first :, :targets]).mean(0) / scale
        assert result.metrics[f"{split}_mase"] == pytest.approx(errors.mean(), rel=1e-4)
        truth = preparation.standard(preparation.changed(part.levels)[part.first - 1 :, :targets])
        assert result.metrics[f"{split}_loss"] == pytest.approx(np.abs(said - truth).mean(), rel=1e-4)


@pytest.mark.parametrize("form", ["difference", "log"])
def test_simple_answers_are_measured_beside_it(made, form):
    result = made[form]
    splits = address.load(result.recipe.data).splits
    preparation = splits["train"].preparation
    targets = preparation.targets
    train = splits["train"].levels
    scale = np.abs(np.diff(train[:, :targets], axis=0)).mean(0)

    for split, part in splits.items():
        levels = part.levels[:, :targets]
        naive = np.abs(np.diff(levels, axis=0))[part.first - 1 :].mean(0) / scale
        assert result.metrics[f"{split}_naive_mase"] == pytest.approx(naive.mean())
        errors = []
        for target in range(targets):
            model = autoregression(preparation.changed(train)[:, target])
            changes = preparation.changed(part.levels)[:, target]
            places = np.arange(part.first - 2, len(levels) - 2)
            said = preparation.moved(levels[part.first - 1 : -1, target], model.ahead(changes, places, 1)[:, 0])
            errors.append(np.abs(said - levels[part.first :, target]).mean() / scale[target])
        assert result.metrics[f"{split}_ar_mase"] == pytest.approx(np.mean(errors))


def test_every_series_and_several_steps_have_measures_of_their_own(made, workspace):
    result = made["difference"]
    metrics = {name.removeprefix("test_"): value for name, value in result.metrics.items() if name.startswith("test_")}

    for who in ("", "naive_", "ar_"):
        parts = [metrics[f"{who}mase/{name}"] for name in ("leader", "follower")]
        assert np.mean(parts) == pytest.approx(metrics[f"{who}mase"], rel=1e-4)
    levels = address.load(result.recipe.data).splits["test"].levels
    first = address.load(result.recipe.data).splits["test"].first
    scale = np.abs(np.diff(address.load(result.recipe.data).splits["train"].levels, axis=0)).mean(0)
    for steps in (2, 4):
        off = np.abs(levels[first - 1 + steps :] - levels[first - 1 : -steps]).mean(0) / scale
        assert metrics[f"naive_mase/ahead {steps}"] == pytest.approx(off.mean())
    assert set(metrics) == {
        *("loss", "mase", "naive_mase", "ar_mase", "coverage_80", "coverage_95"),
        *("coverage_80/ahead 4", "coverage_95/ahead 4"),
        *(
            f"{who}mase/{what}"
            for who in ("", "naive_", "ar_")
            for what in ("leader", "follower", "ahead 2", "ahead 4")
        ),
    }
    logged = {}
    for event in read(workspace.run(result.run)):
        logged |= event.values["values"] if event.kind == "metrics" else {}
    assert logged["final_test_mase/leader"] == result.metrics["test_mase/leader"]


def test_the_loss_that_is_to_be_beaten_is_that_of_the_medians(made):
    train = address.load(made["difference"].recipe.data).splits["train"]
    standard = train.preparation.standard(np.diff(train.levels, axis=0)[1:])

    expected = np.abs(standard - np.median(standard, axis=0)).mean()
    assert made["difference"].facts["blind_loss"] == pytest.approx(expected, rel=1e-5)
    assert made["difference"].facts["receptive_field"] == 4
    assert made["difference"].facts["input_shape"] == "16x2"
    assert made["difference"].facts["examples"] == "windows"


# Several steps


@pytest.mark.parametrize("form", ["difference", "log", "none"])
def test_what_was_said_is_fed_back_step_after_step(made, left, networks, form):
    found, preparation = left[form], left[form].preprocessing
    levels = address.load(made[form].recipe.data).splits["test"].levels
    origins = np.array([1, 2, 3, 40, len(levels) - 1])

    said = Forecaster(found.model, preparation).ahead(levels, origins, 5)

    for row, origin in enumerate(origins):
        known = levels[: origin + 1]
        for step in range(5):
            following = known[-1].copy()
            one = answer(networks[form], preparation, known, len(known))
            following[: preparation.targets] = level(one, preparation, known, len(known))
            known = np.concatenate([known, following[np.newaxis]])
            np.testing.assert_allclose(said[row, step], following[: preparation.targets], rtol=1e-5)


def test_a_network_without_a_field_looks_at_as_much_as_a_training_window(made, left, networks):
    found = left["lstm"]
    levels = address.load(made["lstm"].recipe.data).splits["test"].levels

    said = Forecaster(found.model, found.preprocessing).ahead(levels, np.array([100]), 1)

    window = levels[100 - 16 : 101]
    one = answer(networks["lstm"], found.preprocessing, window, 17)
    np.testing.assert_allclose(said[0, 0], level(one, found.preprocessing, window, 17), rtol=1e-5)


def test_a_network_that_runs_away_says_infinity_and_no_warning(made, workspace):
    found = trained.load(find(workspace, made["log"].run))
    found.model.set_weights([1e3 * np.ones_like(weight) for weight in found.model.get_weights()])
    levels = address.load(made["log"].recipe.data).splits["test"].levels

    said = Forecaster(found.model, found.preprocessing).ahead(levels, np.array([50, 60]), 6)

    published = Continuation(found.model, found.preprocessing, 4, 6, {})
    served = published.serving_default(tf.constant(levels[[range(51), range(10, 61)]]))["forecast"].numpy()

    for each in (said, served):
        assert np.isinf(each[:, -1]).all()
        assert not np.isnan(each).any()


# Intervals


def test_intervals_come_from_the_part_that_choices_are_made_by_and_their_coverage_from_test(made, left, workspace):
    result, found = made["difference"], left["difference"]
    splits = address.load(result.recipe.data).splits
    forecaster = Forecaster(found.model, found.preprocessing)

    def distances(part, step):
        origins = np.arange(part.first - 1, len(part.levels) - step)
        return np.abs(part.levels[origins + step] - forecaster.ahead(part.levels, origins, step)[:, -1])

    intervals = Intervals.from_json(find(workspace, result.run).read("intervals"))
    assert intervals.radii.shape == (2, 4, 2)
    for step in (1, 4):
        ordered = np.sort(distances(splits["val"], step), axis=0)
        rank = int(np.ceil((len(ordered) + 1) * 0.8))
        np.testing.assert_allclose(intervals.radii[0, step - 1], ordered[rank - 1], rtol=1e-5)
    held = distances(splits["test"], 1) <= intervals.radii[0, 0]
    assert result.metrics["test_coverage_80"] == pytest.approx(held.mean())
    held = distances(splits["test"], 4) <= intervals.radii[0, 3]
    assert result.metrics["test_coverage_80/ahead 4"] == pytest.approx(held.mean())


def test_where_too_little_is_held_out_only_the_narrower_intervals_are_known(recipes, tmp_path):
    """Of 12 steps 9 are followed by three more in the part: enough for 80 %, not for 95 %, which takes 19."""
    recipe = replace(recipes["difference"], data=replace(recipes["difference"].data, validation=0.05))

    result = run(recipe, workspace=Workspace(tmp_path))

    assert 0 <= result.metrics["test_coverage_80"] <= 1
    assert not any("coverage_95" in name for name in result.metrics)
    row = forecast(result.run, steps=1, workspace=Workspace(tmp_path)).rows[0]
    assert set(row) == {"series", "step", "date", "forecast", "lower_80", "upper_80"}
    published = tf.saved_model.load(str(export(result.run, workspace=Workspace(tmp_path)).path))
    answers = set(published.signatures["serving_default"].structured_outputs)
    assert answers == {"forecast", "names", "lower_80", "upper_80"}


def test_where_nothing_is_held_out_there_are_no_intervals(recipes, tmp_path):
    recipe = replace(recipes["difference"], data=replace(recipes["difference"].data, validation=0.0))

    result = run(recipe, workspace=Workspace(tmp_path))

    assert not any("coverage" in name for name in result.metrics)
    made = forecast(result.run, steps=2, workspace=Workspace(tmp_path))
    assert set(made.rows[0]) == {"series", "step", "date", "forecast"}
    assert "no interval is known: the run held no steps out (data.validation)" in made.notes
    published = tf.saved_model.load(str(export(result.run, workspace=Workspace(tmp_path)).path))
    assert set(published.signatures["serving_default"].structured_outputs) == {"forecast", "names"}


def test_its_figures_and_intervals_are_in_the_record(made, workspace):
    folder = workspace.run(made["difference"].run)
    events = [event.values for event in read(folder) if event.kind == "artifact"]

    figures = {event["path"] for event in events if event["folder"].startswith("figures")}
    assert figures == {"curves.png", "first_batch.png", "one_step.png", "several_steps.png"}
    assert all((folder / name).stat().st_size > 2000 for name in figures)
    assert "intervals.json" in {event["path"] for event in events}


# Learned


def test_a_condition_that_leads_is_made_use_of_and_alone_it_is_missed(recipes, tmp_path):
    plan = Train(epochs=30, batch_size=4)
    both = replace(recipes["difference"], name="both", train=plan)
    alone = replace(both, name="alone", model=replace(WAVENET, options={**WAVENET.options, "conditional": False}))

    comparison = compare([both, alone], workspace=Workspace(tmp_path))

    found = {result.recipe.name: result.metrics for result in comparison.results}
    assert found["both"]["test_mase/follower"] < 0.5 < 0.9 < found["alone"]["test_mase/follower"]
    assert found["both"]["test_naive_mase/follower"] > 0.9
    assert comparison.headline.metric == "mase"
    assert comparison.best.recipe.name == "both"


def test_seeds_are_repeated_with_the_measures_of_every_series(recipes, tmp_path):
    made = repeat([recipes["difference"]], seeds=2, workspace=Workspace(tmp_path))

    (row,) = made.rows()
    both = [result.metrics["test_mase/leader"] for result in made.recipes[0].results]
    assert row["mase/leader"] == pytest.approx(np.mean(both))
    assert row["naive_mase_spread"] == 0
    assert made.headlines == ["mase", "naive_mase", "ar_mase", "coverage_80", "coverage_95"]


@pytest.mark.slow
def test_a_run_that_was_stopped_and_resumed_ends_with_the_same_measures(made, recipes, tmp_path):
    listener, cut = StopAfter(1), Workspace(tmp_path)
    with pytest.raises(InterruptedRun):
        run(recipes["difference"], workspace=cut, listener=listener, stop=listener.stop)

    resumed = resume("latest", workspace=cut)

    for name, value in made["difference"].metrics.items():
        assert name in ("images_per_second", "waiting") or resumed.metrics[name] == value, name


def test_early_stopping_goes_by_the_part_before_test(recipes, tmp_path):
    recipe = replace(recipes["difference"], train=Train(epochs=3, batch_size=4, patience=1))

    assert run(recipe, workspace=Workspace(tmp_path)).facts["choosing"] == "val"


def test_an_uneven_calendar_is_told_when_the_training_begins(recipes, file, tmp_path):
    lines = Path(file).read_text().splitlines()
    uneven = tmp_path / "uneven.csv"
    uneven.write_text("\n".join([*lines[:100], *lines[103:]]) + "\n")
    listener = Noting()

    recipe = replace(recipes["difference"], data=replace(recipes["difference"].data, source=str(uneven)))
    run(recipe, workspace=Workspace(tmp_path), listener=listener, steps=1)

    assert any(
        "1 of 236 steps are longer than the usual one (business day)" in warning for warning in listener.warnings
    )


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"model": Model(name="mlp")}, r"mlp \(classification\) learns from data\.kind=images, got forecast"),
        ({"model": Model(name="lstm", options={"answer": "last"})}, "model.options.answer is decided by the data"),
        ({"model": Model(name="conditional_wavenet", options={"filter": 3})}, "did you mean 'filters'"),
    ],
)
def test_what_cannot_forecast_is_refused(recipes, workspace, changes, message):
    with pytest.raises(InputError, match=message):
        run(replace(recipes["difference"], **changes), workspace=workspace)


def test_a_network_that_forecasts_answers_no_question_about_series(workspace):
    with pytest.raises(InputError, match=r"learns from data\.kind=forecast, got series"):
        run("tcn_adding", workspace=workspace, **{"model.name": "conditional_wavenet", "model.options": {}})


def test_data_of_one_s_own_are_forecast_whole(file):
    (recipe,) = for_data(file, ["conditional_wavenet"])

    assert recipe.data == Forecast(source=file)
    assert recipe.name == "conditional_wavenet_leading_csv"
    with pytest.raises(InputError, match="--size is for images and clips, conditional_wavenet reads forecast"):
        for_data(file, ["conditional_wavenet"], 32)


# Continued


def test_a_run_continues_its_own_series_with_dates_and_intervals(made, left, workspace, file):
    result, found = made["difference"], left["difference"]
    levels = np.loadtxt(file, delimiter=",", skiprows=1, usecols=(1, 2))

    continued = forecast(result.run, steps=6, workspace=workspace)

    said = Forecaster(found.model, found.preprocessing).ahead(levels, np.array([239]), 6)[0]
    radii = found.intervals.radii
    assert [(row["series"], row["step"]) for row in continued.rows] == [
        (name, step) for name in ("leader", "follower") for step in range(1, 7)
    ]
    for number, row in enumerate(continued.rows):
        series, step = divmod(number, 6)
        assert row["forecast"] == pytest.approx(said[step, series])
        if step < 4:
            assert row["lower_80"] == pytest.approx(said[step, series] - radii[0, step, series])
            assert row["upper_80"] == pytest.approx(said[step, series] + radii[0, step, series])
        else:
            assert set(row) == {"series", "step", "date", "forecast"}
    days = np.busday_offset("2025-01-01", np.arange(239, 246), roll="forward").astype(str).tolist()
    assert continued.origin == days[0]
    assert [row["date"] for row in continued.rows[:6]] == days[1:]
    assert continued.notes == ("intervals are known for 4 steps, which is data.horizon of the run",)


def test_from_some_steps_before_the_end_the_truth_stands_beside_it(made, workspace, file):
    levels = np.loadtxt(file, delimiter=",", skiprows=1, usecols=(1, 2))

    continued = forecast(made["difference"].run, steps=4, back=3, workspace=workspace)

    rows = continued.rows[:4]
    assert [row.get("truth") for row in rows] == [*levels[-3:, 0], None]
    again = forecast(made["difference"].run, write(workspace, file, 237), steps=4, workspace=workspace)
    assert [row["forecast"] for row in rows] == [row["forecast"] for row in again.rows[:4]]


def write(workspace, file, rows, name="beginning.csv", header=None):
    """The first rows of a file."""
    first, *lines = Path(file).read_text().splitlines()
    workspace.root.joinpath(name).write_text("\n".join([header or first, *lines[:rows]]) + "\n")
    return workspace.root / name


def test_columns_of_another_file_are_found_by_their_names(made, workspace, file, tmp_path):
    _, *rows = [line.split(",") for line in Path(file).read_text().splitlines()]
    turned = ["follower,remark,date,leader", *(f"{c},good,{a},{b}" for a, b, c in rows)]
    (tmp_path / "other.csv").write_text("\n".join(turned) + "\n")

    other = forecast(made["difference"].run, tmp_path / "other.csv", workspace=workspace)

    own = forecast(made["difference"].run, workspace=workspace)
    assert other.rows == own.rows
    assert any("remark is not asked for and was left out" in note for note in other.notes)


def test_where_the_next_dates_cannot_be_told_steps_are_counted(made, workspace, file):
    lines = Path(file).read_text().splitlines()
    uneven = workspace.root / "uneven.csv"
    uneven.write_text("\n".join(line for number, line in enumerate(lines) if number % 3 != 1) + "\n")

    continued = forecast(made["difference"].run, uneven, steps=1, workspace=workspace)

    assert "date" not in continued.rows[0]
    assert any("steps are longer than the usual one" in note for note in continued.notes)
    assert "date" in forecast(made["difference"].run, uneven, steps=1, back=1, workspace=workspace).rows[0]


def test_who_has_seen_little_is_told_so(made, workspace, file):
    continued = forecast(made["difference"].run, write(workspace, file, 3), steps=1, workspace=workspace)

    assert any("has 2 changes to begin with, the network can see 4" in note for note in continued.notes)


@pytest.mark.parametrize("form", ["difference", "lstm"])
def test_a_figure_and_a_table_are_written_and_not_overwritten(made, workspace, tmp_path, form):
    for name in ("ahead.png", "ahead.csv"):
        made_ = forecast(made[form].run, steps=3, back=2, output=tmp_path / name, workspace=workspace)
        assert made_.path == tmp_path / name
        assert (tmp_path / name).stat().st_size > 200
        with pytest.raises(InputError, match=f"{name} is there already: --overwrite replaces it"):
            forecast(made[form].run, output=tmp_path / name, workspace=workspace)
        forecast(made[form].run, output=tmp_path / name, overwrite=True, workspace=workspace)
    header, *rows = (tmp_path / "ahead.csv").read_text().splitlines()
    assert header == "series,step,date,forecast,lower_80,upper_80,lower_95,upper_95"
    assert len(rows) == 20


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"steps": 0}, "steps must be at least 1, got 0"),
        ({"back": -1}, "back must be at least 0, got -1"),
        ({"back": 239}, "--back may be up to 238: .* has 240 rows"),
        ({"output": "ahead.txt"}, "a file ending in .png or .csv, got 'ahead.txt'"),
        ({"output": "nowhere/ahead.csv"}, "there is no folder nowhere"),
        ({"output": "nowhere/ahead.png"}, "there is no folder nowhere"),
    ],
)
def test_what_cannot_be_continued_is_refused(made, workspace, arguments, message):
    with pytest.raises(InputError, match=message):
        forecast(made["difference"].run, workspace=workspace, **arguments)


@pytest.mark.parametrize(
    ("header", "rows", "message"),
    [
        ("date,leader,folower", 50, "has no column 'follower': did you mean 'folower'"),
        ("day,leader,follower", 1, "has one row, a change needs two"),
    ],
)
def test_a_file_with_other_columns_or_too_few_rows_is_refused(made, workspace, file, header, rows, message):
    with pytest.raises(DataError, match=message):
        forecast(made["difference"].run, write(workspace, file, rows, "no.csv", header), workspace=workspace)


def test_levels_without_a_logarithm_are_refused_where_the_run_needs_them(made, workspace, tmp_path):
    (tmp_path / "zero.csv").write_text("leader,follower\n1,2\n0,3\n")

    with pytest.raises(DataError, match="line 3, column leader: 0 has no logarithm"):
        forecast(made["log"].run, tmp_path / "zero.csv", workspace=workspace)


# Published


@pytest.mark.parametrize("form", FORMS)
def test_a_published_model_says_what_the_run_says(made, left, workspace, file, form):
    continued = forecast(made[form].run, steps=4, workspace=workspace)

    published = export(made[form].run, workspace=workspace)

    found = left[form]
    columns = [("leader", "follower").index(name) + 1 for name in found.preprocessing.series]
    levels = np.loadtxt(file, delimiter=",", skiprows=1, usecols=columns)
    said = tf.saved_model.load(str(published.path)).signatures["serving_default"](levels=tf.constant(levels[None]))
    targets = found.preprocessing.targets
    for name in ("forecast", "lower_80", "upper_80", "lower_95", "upper_95"):
        if name in continued.rows[0]:
            expected = np.reshape([row[name] for row in continued.rows], (targets, 4)).T
            np.testing.assert_allclose(said[name][0], expected, rtol=1e-6)
    assert [name.decode() for name in said["names"].numpy()[0]] == found.classes
    assert published.examples == 64


@pytest.mark.parametrize(
    ("levels", "message"),
    [
        ([[[1.0], [np.nan]]], "a level is not finite"),
        ([[[1.0]]], "a change needs two steps of levels"),
        ([[[1.0], [0.0]]], "a level has no logarithm"),
    ],
)
def test_levels_that_say_nothing_are_refused_by_what_is_published(made, workspace, levels, message):
    published = export(made["log"].run, workspace=workspace)
    function = tf.saved_model.load(str(published.path)).signatures["serving_default"]

    with pytest.raises(tf.errors.InvalidArgumentError, match=message):
        function(levels=tf.constant(np.repeat(levels, 2, -1)))


def test_its_summary_is_plain_json(made, workspace, tmp_path):
    continued = forecast(made["difference"].run, steps=2, output=tmp_path / "a.csv", workspace=workspace)

    plain = json.loads(json.dumps(continued.to_json(), allow_nan=False))

    assert plain["run"] == made["difference"].run
    assert plain["written"] == str(tmp_path / "a.csv")
    assert len(plain["forecasts"]) == 4

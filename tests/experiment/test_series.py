"""Each question about series, from its data to a server's signature."""

import json
import signal
import time
from dataclasses import replace
from pathlib import Path

import keras
import numpy as np
import pytest
import tensorflow as tf
from PIL import Image
from scipy.special import expit, log_softmax, softmax

from kcnn.data import address
from kcnn.errors import DataError, InputError, InterruptedRun
from kcnn.evaluation import blind
from kcnn.experiment import trained
from kcnn.experiment.compare import compare
from kcnn.experiment.explain import explain
from kcnn.experiment.export import export
from kcnn.experiment.exporters import exporter
from kcnn.experiment.folder import find
from kcnn.experiment.run import resume, run
from kcnn.recipes import load, override
from kcnn.recipes.transfer import Transfer
from kcnn.serving.client import Client
from kcnn.serving.server import running
from kcnn.tracking.journal import read
from kcnn.workspace import Workspace

from .sequences import SMALL, questions, walks
from .test_resume import kcnn, only_run
from .test_run import Noting, StopAfter

QUESTIONS = ("classification", "regression", "labelling", "prediction")


@pytest.fixture(scope="module")
def recipes(tmp_path_factory):
    """A small recipe by question."""
    changes = questions(tmp_path_factory.mktemp("series"))
    shared = SMALL | {"deterministic": True}
    named = {question: {"name": question, "data.task": question, **shared} for question in QUESTIONS}
    return {question: override(load("tcn_adding"), {**named[question], **changes[question]}) for question in QUESTIONS}


@pytest.fixture(scope="module")
def workspace(tmp_path_factory):
    return Workspace(tmp_path_factory.mktemp("runs"))


@pytest.fixture(scope="module")
def made(recipes, workspace):
    """A run of each question."""
    return {question: run(recipe, workspace=workspace) for question, recipe in recipes.items()}


def answered(found, values):
    """What the model of a run answers to a series by itself, in NumPy."""
    series = tf.constant(np.asarray(values, np.float32)[np.newaxis])
    seen = found.preprocessing.standardize(found.preprocessing.fitted(series))
    answer = found.model(seen, training=False)[0].numpy().astype(np.float64)
    if found.preprocessing.target_std:
        return answer * found.preprocessing.target_std + found.preprocessing.target_mean
    return answer


def losses(question, answer, truth):
    """The loss of a series, or of each of its steps."""
    match question:
        case "classification":
            return -log_softmax(answer)[[truth]]
        case "regression":
            return (answer - truth) ** 2
        case "labelling":
            return -log_softmax(answer, -1)[np.arange(len(truth)), truth]
        case "prediction":
            return (np.logaddexp(0, answer) - truth * answer).sum(-1)


@pytest.mark.parametrize("question", QUESTIONS)
def test_the_measures_are_those_of_the_saved_model_on_every_step_of_every_split(made, workspace, question):
    result = made[question]
    found = trained.load(find(workspace, result.run))
    source = address.load(result.recipe.data)

    for split, examples in source.splits.items():
        answers = [answered(found, values) for values in examples.values]
        pairs = list(zip(answers, examples.truths, strict=True))
        expected = np.concatenate([losses(question, *pair) for pair in pairs]).mean()
        assert result.metrics[f"{split}_loss"] == pytest.approx(expected, rel=1e-4)
        if question in ("classification", "labelling"):
            right = np.concatenate([np.ravel(answer.argmax(-1) == truth) for answer, truth in pairs])
            assert result.metrics[f"{split}_accuracy"] == pytest.approx(right.mean())
    assert {name for name in result.metrics if name.endswith("_loss")} == {f"{split}_loss" for split in source.splits}


@pytest.mark.parametrize("question", QUESTIONS)
def test_the_loss_that_is_to_be_beaten_is_in_the_record(made, question):
    result = made[question]
    truths = address.load(result.recipe.data).splits["train"].truths

    expected = {
        "classification": blind.classes,
        "regression": blind.numbers,
        "labelling": blind.labelled_steps,
        "prediction": blind.binary_steps,
    }[question](truths)
    assert result.facts["blind_loss"] == pytest.approx(expected)


FIGURES = {
    "classification": {"curves", "confusion", "first_batch"},
    "regression": {"curves", "first_batch", "epochs/answers_001", "epochs/answers_002"},
    "labelling": {"curves", "confusion", "first_batch", "epochs/labels_001", "epochs/labels_002"},
    "prediction": {"curves", "first_batch", "epochs/prediction_001", "epochs/prediction_002"},
}


@pytest.mark.parametrize("question", QUESTIONS)
def test_every_question_has_its_figures_in_the_record(made, workspace, question):
    folder = workspace.run(made[question].run)
    events = [event.values for event in read(folder) if event.kind == "artifact"]

    kept = {event["path"].removesuffix(".png") for event in events if event["folder"].startswith("figures")}
    assert kept == FIGURES[question]
    assert all((folder / f"{name}.png").stat().st_size > 2000 for name in kept)


def test_a_confusion_counts_every_step_of_the_last_split_once(made, workspace):
    result = made["labelling"]
    found = json.loads((workspace.run(result.run) / "confusion.json").read_text())

    assert np.sum(found["counts"]) == result.facts["test_examples"] * 24
    assert found["classes"] == ["blank", *map(str, range(1, 9)), "now"]


def test_facts_speak_of_series_and_of_their_usual_size(made):
    facts = {question: result.facts for question, result in made.items()}

    assert {fact["examples"] for fact in facts.values()} == {"series"}
    assert facts["labelling"]["input_shape"] == "24x1"
    assert facts["regression"]["input_shape"] == "12x2"
    assert facts["prediction"]["receptive_field"] == 1 + 2 * (2 - 1) * (2**2 - 1)
    assert facts["classification"]["classes"] == 2
    assert all(fact["multiply_adds"] > 0 for fact in facts.values())


def test_rising_and_falling_series_are_told_apart(made):
    assert made["classification"].metrics["test_accuracy"] == 1.0


@pytest.mark.slow
def test_recipes_for_series_are_compared_by_the_lowest_loss(recipes, tmp_path):
    other = override(recipes["regression"], {"name": "other", "optimizer.lr": 0.3, "model.name": "gru"})

    comparison = compare([recipes["regression"], other], workspace=Workspace(tmp_path))

    losses = {result.recipe.name: result.metrics["val_loss"] for result in comparison.results}
    assert comparison.headline.metric == "loss"
    assert comparison.best.recipe.name == min(losses, key=losses.get)
    assert [row["test_loss"] for row in comparison.rows()] == [one.metrics["test_loss"] for one in comparison.results]


@pytest.mark.slow
def test_minutes_choose_the_number_of_steps_on_series_of_many_lengths(recipes, tmp_path):
    result = run(recipes["prediction"], workspace=Workspace(tmp_path), minutes=0.02)

    assert result.recipe.train.steps is not None
    assert np.isfinite(result.metrics["test_loss"])


@pytest.mark.slow
def test_a_network_of_series_can_start_from_another_run(made, recipes, workspace):
    listener = Noting()
    changes = {"model.start": f"run:{made['classification'].run}", "steps": 1, "name": "again"}

    run(override(recipes["classification"], changes), workspace=workspace, listener=listener)

    assert len(listener.notes) == 1
    assert f"layers start as those of run:{made['classification'].run}" in listener.notes[0]


# Interrupted


def weights(result):
    return keras.saving.load_model(result.paths["model"], compile=False).get_weights()


@pytest.mark.slow
@pytest.mark.parametrize("question", ["labelling", "prediction"])
def test_a_run_that_was_stopped_and_resumed_ends_with_the_same_weights(made, recipes, tmp_path, question):
    whole = made[question]
    listener, cut = StopAfter(1), Workspace(tmp_path)
    with pytest.raises(InterruptedRun):
        run(recipes[question], workspace=cut, listener=listener, stop=listener.stop)

    resumed = resume("latest", workspace=cut)

    for one, other in zip(weights(resumed), weights(whole), strict=True):
        np.testing.assert_array_equal(one, other)
    for name in whole.metrics.keys() - {"images_per_second", "waiting"}:
        assert resumed.metrics[name] == whole.metrics[name], name


@pytest.mark.slow
def test_a_killed_and_resumed_run_on_series_of_many_lengths_ends_with_the_same_bits(recipes, tmp_path):
    whole, cut = Workspace(tmp_path / "whole"), Workspace(tmp_path / "cut")
    folder = tmp_path / "recipe.json"
    uninterrupted = run(recipes["prediction"], workspace=whole, epochs=30)
    folder.write_bytes((whole.run(uninterrupted.run) / "recipe.json").read_bytes())
    first = kcnn(cut, "train", str(folder))
    limit = time.monotonic() + 120
    while time.monotonic() < limit and not (cut.runs.exists() and len(epochs_of(only_run(cut).path)) >= 2):
        time.sleep(0.01)
    first.send_signal(signal.SIGKILL)
    first.communicate(timeout=60)
    killed = only_run(cut)
    assert killed.read("result") is None
    assert 2 <= len(epochs_of(killed.path)) < 30

    second = kcnn(cut, "train", "--resume", killed.name)
    _, errors = second.communicate(timeout=300)

    assert second.returncode == 0, errors.decode()
    assert epochs_of(killed.path) == epochs_of(whole.run(uninterrupted.run))
    for one, other in zip(
        keras.models.load_model(killed.model, compile=False).get_weights(), weights(uninterrupted), strict=True
    ):
        np.testing.assert_array_equal(one, other)


def epochs_of(folder):
    """Losses and learning rates by epoch; speeds differ."""
    names = ("loss", "val_loss", "learning_rate")
    lines = [event.values for event in read(folder) if event.kind == "metrics" and "loss" in event.values["values"]]
    return [(line["step"], *(line["values"][name] for name in names)) for line in lines]


# Published


@pytest.fixture(scope="module")
def signatures(made, workspace):
    """What is published of each run, and its only signature."""
    found = {}
    for question, result in made.items():
        published = export(result, workspace=workspace)
        found[question] = published, tf.saved_model.load(str(published.path)).signatures["serving_default"]
    return found


def asked(signature, series):
    answer = signature(series=tf.constant(np.asarray(series, np.float32)[np.newaxis]))
    return {name: value.numpy()[0] for name, value in answer.items()}


def expected_of(question, classes, answer):
    """Output by output what a published network has to say where the model answers so."""
    names = np.array([name.encode() for name in classes], object)
    match question:
        case "classification":
            shares = softmax(answer)
            return {"class_name": names[shares.argmax()], "probability": shares.max(), "probabilities": shares}
        case "regression":
            return {"values": answer, "names": names}
        case "labelling":
            shares = softmax(answer, -1)
            return {"labels": names[shares.argmax(-1)], "probability": shares.max(-1)}
        case "prediction":
            return {"next": expit(answer), "names": names}


@pytest.mark.parametrize("question", QUESTIONS)
@pytest.mark.parametrize("steps", [1, 12, 37])
def test_what_is_published_answers_as_the_model_does_at_any_length(made, workspace, signatures, question, steps):
    published, signature = signatures[question]
    found = trained.load(find(workspace, made[question].run))
    channels = found.preprocessing.channels
    series = np.random.default_rng(steps).integers(0, 2, (steps, channels)).astype(np.float32)

    answer = asked(signature, series)

    expected = expected_of(question, found.classes, answered(found, series))
    for name, value in expected.items():
        if isinstance(value, bytes) or value.dtype == object:
            np.testing.assert_array_equal(answer[name], value)
        else:
            np.testing.assert_allclose(answer[name], value, rtol=1e-4, atol=1e-6)
    assert published.difference <= 1e-5
    assert 0 < published.examples <= made[question].facts["test_examples"]


@pytest.mark.parametrize(
    ("series", "message"),
    [
        ([[0.1, 0.0], [np.nan, 1.0]], "a series has a gap or a value that is not finite, and"),
        ([[0.1, 0.0], [np.inf, 1.0]], "a series has a gap or a value that is not finite, and"),
        (np.zeros((0, 2)), "a series has no steps"),
    ],
)
def test_a_published_network_refuses_what_it_has_not_learned_from(signatures, series, message):
    _, signature = signatures["regression"]

    with pytest.raises(tf.errors.InvalidArgumentError, match=message):
        asked(signature, series)


@pytest.mark.parametrize("gaps", [pytest.param("mean", marks=pytest.mark.slow), "hold"])
def test_series_with_gaps_are_learned_published_and_all_of_them_asked_about(recipes, tmp_path, gaps):
    changes = {"data.source": str(walks(tmp_path / "gaps.csv", gaps=True)), "data.gaps": gaps, "epochs": 2}
    recipe, space = override(recipes["classification"], changes), Workspace(tmp_path / "workspace")

    result = run(recipe, workspace=space)
    published = export(result, workspace=space)

    proof = exporter(result.recipe)(trained.load(find(space, result.run)), result.recipe, address.load(recipe.data))
    assert np.isfinite(result.metrics["test_loss"])
    assert published.examples == result.facts["test_examples"] == len(proof.cases())
    signature = tf.saved_model.load(str(published.path)).signatures["serving_default"]
    found = trained.load(find(space, result.run))
    filled = {"mean": found.preprocessing.mean[1], "hold": 4.0}[gaps]
    given, meant = ([[0.0, 3.0], [1.0, 4.0], [2.0, value], [3.0, value]] for value in (np.nan, filled))
    for name, value in asked(signature, given).items():
        np.testing.assert_array_equal(value, asked(signature, meant)[name])
    with running(space.saved_models) as url:
        served = [Client(url).series(published.name, np.array(each)) for each in (given, meant)]
    assert served[0] == served[1]
    if gaps == "hold":
        with pytest.raises(tf.errors.InvalidArgumentError, match="a series begins with a gap"):
            asked(signature, [[0.0, np.nan], [1.0, 4.0]])
    with pytest.raises(tf.errors.InvalidArgumentError, match="not finite"):
        asked(signature, [[0.0, np.inf], [1.0, 4.0]])


def test_numbers_are_learned_and_published_alike_in_any_unit(tmp_path):
    random = np.random.default_rng(0)
    series = random.normal(size=(60, 6))
    options, results = {"filters": 8, "levels": 2, "kernel": 2}, []
    for name, scale, offset in (("plain", 1, 0), ("large", 5000, 20000), ("small", 1e-4, 0)):
        rows = [",".join(map(str, (*values, offset + scale * values.mean()))) for values in series]
        (tmp_path / f"{name}.csv").write_text("\n".join([",".join([*"abcdef", "label"]), *rows]) + "\n")
        changes = {"data.source": str(tmp_path / f"{name}.csv"), "data.layout": "wide", "data.length": None}
        space = Workspace(tmp_path / name)
        result = run("tcn_adding", workspace=space, **{**SMALL, **changes, "epochs": 10, "model.options": options})
        results.append((result, scale))

    shares = [result.metrics["test_loss"] / result.facts["blind_loss"] for result, _ in results]
    assert shares[0] < 0.7
    np.testing.assert_allclose(shares, shares[0], rtol=1e-3)
    for result, scale in results:
        assert result.facts["blind_loss"] == pytest.approx(np.var(series.mean(1)) * scale**2, rel=0.5)


@pytest.mark.slow
def test_large_numbers_are_published_although_their_rounding_is_larger_than_that_of_shares(tmp_path):
    series = np.random.default_rng(0).normal(size=(80, 20))
    rows = [",".join(f"{value:.4f}" for value in (*values, 1000 + 1000 * values.sum())) for values in series]
    (tmp_path / "large.csv").write_text("\n".join([",".join([*map(str, range(20)), "label"]), *rows]) + "\n")
    changes = {"data.source": str(tmp_path / "large.csv"), "data.layout": "wide", "data.length": None}
    options = {"filters": 16, "levels": 2, "kernel": 2}
    learning = {**SMALL, "epochs": 6, "optimizer.lr": 0.1}
    space = Workspace(tmp_path / "workspace")

    result = run("tcn_adding", workspace=space, **{**learning, **changes, "model.options": options})
    published = export(result, workspace=space)

    assert published.version == 1


# Refused


@pytest.mark.parametrize(
    ("question", "changes", "message"),
    [
        (
            "regression",
            {"augment": [{"kind": "flip"}]},
            "augment is for images and clips, regression learns from data.k",
        ),
        ("labelling", {"model.options.answer": "last"}, "model.options.answer is decided by the data: leave it out"),
        ("regression", {"data.task": "labelling"}, "data.task of adding must be regression, got labelling"),
        (
            "labelling",
            {"model.name": "lenet5", "model.options": {}},
            "lenet5 (classification) learns from data.kind",
        ),
        ("labelling", {"model.name": "text_cnn", "model.options": {}}, "learns from data.kind=text, got series"),
        (
            "labelling",
            {"label_smoothing": 0.1},
            "train.label_smoothing is for classifiers and the dcgan, gru does lab",
        ),
        ("regression", {"best_by": "accuracy"}, "train.best_by must be loss, lstm does regression here, which has no"),
        ("regression", {"rubbish": 1.0}, "train.rubbish is for classifiers, lstm does regression here"),
        ("classification", {"model.options.levels": 0}, "levels of tcn"),
        ("classification", {"patience": 1, "data.validation": 0.0}, "train.patience has nothing to stop by"),
    ],
)
def test_what_means_nothing_for_series_is_refused(recipes, tmp_path, question, changes, message):
    with pytest.raises(InputError) as refused:
        run(override(recipes[question], changes), workspace=Workspace(tmp_path))
    assert message in str(refused.value)
    assert not list(Workspace(tmp_path).runs.glob("*"))


def test_a_network_of_series_does_not_learn_from_images(tmp_path):
    with pytest.raises(InputError, match=r"tcn \(sequences\) learns from data.kind=series or forecast, got images"):
        run("lenet5_digits", workspace=Workspace(tmp_path), **{"model.name": "tcn", "model.options": {}})


def test_a_transfer_does_not_end_in_a_network_of_series(recipes, tmp_path):
    wanted = replace(recipes["classification"], transfer=Transfer(weights="efficientnet_lite0"))

    with pytest.raises(InputError, match="a transfer ends in a classifier of images, not in tcn: leave transfer out"):
        run(wanted, workspace=Workspace(tmp_path))


def test_series_are_not_explained_as_images_are(made, workspace, tmp_path):
    Image.new("L", (8, 8)).save(tmp_path / "image.png")

    with pytest.raises(InputError, match=r"are of classifiers of images: .* is a tcn \(classification of series\)"):
        explain(made["classification"], tmp_path / "image.png", workspace=workspace)


def test_data_that_have_changed_since_are_no_proof(recipes, made, workspace):
    path = Path(recipes["classification"].data.source)
    before = path.read_text()
    path.write_text(before.replace(",up", ",rising"))
    try:
        with pytest.raises(DataError, match="has changed since the run: the proof needs the same data"):
            export(made["classification"], workspace=workspace)
    finally:
        path.write_text(before)


@pytest.mark.slow
@pytest.mark.parametrize("question", ["labelling", "prediction"])
@pytest.mark.parametrize("precision", ["mixed_bfloat16", "mixed_float16"])
def test_what_learned_in_half_precision_is_saved_and_published_whole(recipes, tmp_path, question, precision):
    workspace = Workspace(tmp_path)

    made = run(recipes[question], workspace=workspace, precision=precision)

    saved = keras.models.load_model(made.paths["model"], compile=False)
    assert {layer.compute_dtype for layer in saved.layers} == {"float32"}
    assert np.isfinite(made.metrics["test_loss"])
    assert export(made, workspace=workspace).difference < 1e-4

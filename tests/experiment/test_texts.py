"""Sentences, from a folder of lines to a server that takes plain strings, and what is made of single words."""

import json
from dataclasses import replace

import keras
import numpy as np
import pytest
import tensorflow as tf
from PIL import Image
from scipy.special import log_softmax, softmax

from kcnn.data import address
from kcnn.errors import DataError, InputError, InterruptedRun
from kcnn.experiment import trained
from kcnn.experiment.crossvalidate import COMMAND, crossvalidate
from kcnn.experiment.explain_text import explain_text
from kcnn.experiment.explained import kind_of
from kcnn.experiment.export import export
from kcnn.experiment.folder import find
from kcnn.experiment.run import resume, run
from kcnn.experiment.several import resume as resume_trials
from kcnn.layers import TemporalPooling
from kcnn.recipes import load, override
from kcnn.recipes.transfer import Transfer
from kcnn.serving.client import Client, Refused
from kcnn.serving.server import running
from kcnn.tracking.journal import read, runs
from kcnn.workspace import Workspace

from .sequences import BLAME, PRAISE, reviews, vectors
from .test_run import Noting, StopAfter

SMALL = {
    "epochs": 3,
    "batch_size": 10,
    "patience": None,
    "data.folds": None,
    "optimizer": {"kind": "adam", "lr": 4e-2},
    "deterministic": True,
}
OPTIONS = {"dimensions": 6, "windows": [1, 2], "filters": 4, "dropout": 0.2}


@pytest.fixture(scope="module")
def corpus(tmp_path_factory):
    return reviews(tmp_path_factory.mktemp("corpus") / "reviews")


@pytest.fixture(scope="module")
def workspace(tmp_path_factory):
    return Workspace(tmp_path_factory.mktemp("texts"))


def recipe(corpus, name="reviews", **changes):
    own = {"name": name, "data.source": str(corpus), "model.options": dict(OPTIONS)}
    return override(load("text_cnn_polarity"), {**own, **SMALL, **changes})


@pytest.fixture(scope="module")
def made(corpus, workspace):
    return run(recipe(corpus), workspace=workspace)


@pytest.fixture(scope="module")
def found(made, workspace):
    return trained.load(find(workspace, made.run))


def logits_of(found, *texts):
    """What the model of a run answers to each text by itself."""
    numbers = [found.preprocessing.numbers(tf.constant([text])) for text in texts]
    return np.concatenate([found.model(each, training=False).numpy() for each in numbers]).astype(np.float64)


# Trained


def test_it_learns_which_words_praise(made):
    assert made.metrics["test_accuracy"] == 1.0
    assert made.metrics["test_loss"] < made.facts["blind_loss"] / 4


def test_the_measures_are_those_of_the_saved_model_on_every_text_of_every_split(made, found):
    source = address.load(made.recipe.data)

    for split, examples in source.splits.items():
        logs = log_softmax(logits_of(found, *examples.texts), -1)
        assert made.metrics[f"{split}_accuracy"] == np.mean(logs.argmax(-1) == examples.labels)
        expected = -logs[np.arange(len(logs)), examples.labels].mean()
        assert made.metrics[f"{split}_loss"] == pytest.approx(expected, rel=1e-4)


def test_facts_speak_of_texts_and_of_their_usual_size(made):
    assert made.facts["examples"] == "texts"
    assert made.facts["input_shape"] == "9"
    assert made.facts["blind_loss"] == pytest.approx(np.log(2))
    words = len(PRAISE) + len(BLAME) + 8
    assert made.facts["parameters"] == (words + 2) * 6 + (6 * 4 + 4) + (2 * 6 * 4 + 4) + 8 * 2 + 2


def test_it_has_its_figures_in_the_record(made, workspace):
    events = [event.values for event in read(workspace.run(made.run)) if event.kind == "artifact"]

    kept = {event["path"] for event in events if event["folder"].startswith("figures")}
    assert kept == {"curves.png", "confusion.png", "first_batch.png"}
    counts = json.loads((workspace.run(made.run) / "confusion.json").read_text())["counts"]
    assert np.sum(counts) == made.facts["test_examples"]
    with Image.open(workspace.run(made.run) / "first_batch.png") as picture:
        assert picture.width > 1000


@pytest.mark.slow
def test_a_run_that_was_stopped_and_resumed_ends_with_the_same_weights(made, corpus, tmp_path):
    listener, cut = StopAfter(1), Workspace(tmp_path)
    with pytest.raises(InterruptedRun):
        run(recipe(corpus), workspace=cut, listener=listener, stop=listener.stop)

    resumed = resume("latest", workspace=cut)

    models = [keras.models.load_model(result.paths["model"], compile=False) for result in (made, resumed)]
    for one, other in zip(*(model.get_weights() for model in models), strict=True):
        np.testing.assert_array_equal(one, other)


def test_the_weights_of_a_class_keep_their_norm_whatever_the_optimizer_does(corpus, tmp_path):
    changes = {"model.options.max_norm": 0.5, "optimizer.lr": 0.3, "epochs": 1}

    result = run(recipe(corpus, **changes), workspace=Workspace(tmp_path))

    kernel = keras.models.load_model(result.paths["model"], compile=False).get_layer("logits").get_weights()[0]
    norms = np.linalg.norm(kernel, axis=0)
    assert (norms <= 0.8 * 0.5 + 1e-5).all()  # a fifth is dropped, and what is kept scaled up
    assert norms.max() > 0.8 * 0.49  # what the optimizer did was too much


# Vectors of words


WORDS = ("words", "words_static")
FORMS = {
    "static": {"words_static": False},
    "non-static": {"words": True},
    "multichannel": {"words": True, "words_static": False},
}


@pytest.mark.parametrize(
    "form",
    [
        "multichannel",
        pytest.param("static", marks=pytest.mark.slow),
        pytest.param("non-static", marks=pytest.mark.slow),
    ],
)
def test_a_network_begins_with_the_vectors_of_a_file_of_which_static_ones_do_not_move(corpus, tmp_path, form):
    path, listener = vectors(tmp_path / "vectors.txt"), Noting()
    changes = {"data.vectors": str(path), "model.options.embedding": form, "epochs": 1}
    space = Workspace(tmp_path / "workspace")

    result = run(recipe(corpus, **changes), workspace=space, listener=listener)

    network = trained.load(find(space, result.run))
    rows = dict(line.split(" ", 1) for line in path.read_text().splitlines()[1:])
    known = {word: np.array(rows[word].split(), np.float32) for word in network.preprocessing.words if word in rows}
    layers = {layer.name: layer for layer in network.model.layers if layer.name in WORDS}
    assert {name: layer.trainable for name, layer in layers.items()} == FORMS[form]
    for name, moves in FORMS[form].items():
        (table,) = layers[name].get_weights()
        moved = [
            np.abs(table[number] - known[word]).max()
            for number, word in enumerate(network.preprocessing.words, 2)
            if word in known
        ]
        assert len(moved) == len(known) == len(PRAISE) + len(BLAME) + 4
        assert min(moved) > 0 if moves else max(moved) == 0, name
    total = len(network.preprocessing.words)
    assert listener.notes == [f"{len(known)} of {total} words begin with their vector in {path}"]


@pytest.mark.slow
def test_the_same_seed_draws_the_same_vectors_for_words_that_the_file_lacks(corpus, tmp_path):
    changes = {"data.vectors": str(vectors(tmp_path / "vectors.txt")), "model.options.embedding": "static", "epochs": 1}
    tables = []
    for seed in (0, 0, 1):
        result = run(recipe(corpus, seed=seed, **changes), workspace=Workspace(tmp_path / "workspace"), steps=1)
        network = keras.models.load_model(result.paths["model"], compile=False)
        tables.append(network.get_layer("words_static").get_weights()[0])

    np.testing.assert_array_equal(tables[0], tables[1])
    differ = (tables[0] != tables[2]).any(1)
    assert differ.sum() == len(tables[0]) - (len(PRAISE) + len(BLAME) + 4) - 1  # all but those of the file and padding


@pytest.mark.parametrize(
    ("changes", "kind", "message"),
    [
        ({"model.options.embedding": "static"}, InputError, "model.options.embedding=static begins with vectors of"),
        ({"data.vectors": "words.txt"}, InputError, "data.vectors are used with model.options.embedding=stat"),
        (
            {"data.vectors": "no/where.bin", "model.options.embedding": "non-static"},
            DataError,
            "data.vectors: no/where.bin is not there",
        ),
        ({"data.vectors": ".", "model.options.embedding": "multichannel"}, DataError, "data.vectors: . is no file"),
        ({"model.options.vocabulary": 9}, InputError, "model.options.vocabulary is decided by the data: leave it out"),
        (
            {"augment": [{"kind": "flip"}]},
            InputError,
            "augment is for images and clips, reviews learns from data.kind=text",
        ),
        ({"data.folds": 3, "data.fold": 3}, InputError, "data.fold must be less than data.folds, which is 3, got 3"),
        (
            {"model.name": "lstm", "model.options": {}},
            InputError,
            "lstm (sequences) learns from data.kind=series or",
        ),
    ],
)
def test_what_means_nothing_for_texts_is_refused_before_anything_is_read(corpus, here, changes, kind, message):
    with pytest.raises(kind) as refused:
        run(recipe(corpus, **changes), workspace=Workspace(here))
    assert message in str(refused.value)
    assert type(refused.value) is kind
    assert list(here.iterdir()) == []


@pytest.mark.parametrize(
    ("dimensions", "words", "message"),
    [(7, ("good",), "has vectors of 7 numbers, 6 are needed"), (6, ("ätsch",), "has none of the 14 words that are as")],
)
def test_vectors_that_do_not_fit_are_refused_and_leave_no_run(corpus, tmp_path, dimensions, words, message):
    path = vectors(tmp_path / "vectors.txt", words, dimensions)
    space = Workspace(tmp_path / "workspace")

    with pytest.raises(InputError, match=message):
        run(recipe(corpus, **{"data.vectors": str(path), "model.options.embedding": "non-static"}), workspace=space)
    assert list(space.runs.iterdir()) == []


def test_a_transfer_does_not_end_in_a_network_of_texts(corpus, tmp_path):
    wanted = replace(recipe(corpus), transfer=Transfer(weights="efficientnet_lite0"))

    with pytest.raises(InputError, match="a transfer ends in a classifier of images, not in text_cnn"):
        run(wanted, workspace=Workspace(tmp_path))


# Published


@pytest.fixture(scope="module")
def served(made, workspace):
    """The name of what is published, and a server that has it."""
    published = export(made, workspace=workspace)
    assert published.difference <= 1e-5
    with running(workspace.saved_models) as url:
        yield published.name, Client(url)


def test_a_server_takes_plain_strings_and_answers_as_the_model_does(served, found):
    name, client = served
    texts = ["A GOOD film!", "the dull story of the actors , with a film , with a story", "bad"]

    answers = client.texts(name, texts)

    assert client.kind(name) == "texts"
    for answer, logits in zip(answers, logits_of(found, *texts), strict=True):
        shares = softmax(logits)
        assert answer.class_name == found.classes[shares.argmax()]
        assert answer.probability == pytest.approx(shares.max(), abs=1e-5)
        assert list(answer.probabilities) == found.classes == ["neg", "pos"]
        np.testing.assert_allclose(list(answer.probabilities.values()), shares, atol=1e-5)
    assert [(answer.words, answer.known_words) for answer in answers] == [(4, 3), (14, 14), (1, 1)]


def test_a_text_is_answered_the_same_beside_a_longer_one(served):
    name, client = served

    alone, beside = client.texts(name, ["moving"])[0], client.texts(name, ["moving", "a film " * 40])[0]

    assert alone.probabilities == pytest.approx(beside.probabilities, abs=1e-6)


def test_a_text_of_which_no_word_is_known_is_answered_and_says_so(served):
    name, client = served

    (answer,) = client.texts(name, ["weder noch"])

    assert (answer.words, answer.known_words) == (2, 0)


@pytest.mark.parametrize(
    ("text", "message"),
    [("", "a text has no words"), (" \t\n", "a text has no words"), ("gr\udcfcn", "the text is not UTF-8")],
)
def test_a_server_refuses_what_is_no_text(served, text, message):
    name, client = served

    with pytest.raises(Refused, match=message) as refused:
        client.texts(name, ["a good film", text])
    assert refused.value.status == 400


# Folds


def test_every_text_is_tested_once_for_each_seed_and_the_spread_is_that_of_all_trials(corpus, tmp_path):
    space = Workspace(tmp_path)
    draft = recipe(corpus, **{"data.folds": 2, "epochs": 1, "steps": 2})

    trials = crossvalidate([draft], seeds=2, workspace=space)

    (of_recipe,) = trials.recipes
    names = [result.recipe.name for result in of_recipe.results]
    assert names == [f"reviews_fold{fold}_seed{seed}" for seed in (0, 1) for fold in (0, 1)]
    prints = [result.facts["data_fingerprint"] for result in of_recipe.results]
    assert prints[:2] == prints[2:]
    assert sum(result.facts["test_examples"] for result in of_recipe.results[:2]) == 120
    (row,) = trials.rows()
    values = [result.metrics["test_accuracy"] for result in of_recipe.results]
    assert row["accuracy"] == pytest.approx(np.mean(values))
    assert row["accuracy_spread"] == pytest.approx(np.std(values, ddof=1))
    assert row["trials"] == 4
    kept = json.loads((space.run(trials.name) / "crossvalidate.json").read_text())
    assert kept["crossvalidate"] == trials.name
    assert {one.parent for one in runs(space) if one.name != trials.name} == {trials.name}
    with pytest.raises(InputError, match="is finished: there is nothing to resume"):
        resume_trials(COMMAND, "latest", workspace=space)


# Explained


def test_evidence_and_rest_are_the_score_and_the_unknown_word_is_named(made, found, workspace, tmp_path):
    text = "A great FILM, zzz!"

    told = explain_text(made, text, output=tmp_path / "words.png", workspace=workspace)

    assert [word for word, _ in told.evidence] == ["a", "great", "film", ",", "zzz", "!"]
    (logits,) = logits_of(found, text)
    assert (told.prediction, told.label) == ("pos", "pos")
    assert told.probability == pytest.approx(softmax(logits)[1], abs=1e-5)
    assert sum(value for _, value in told.evidence) + told.rest == pytest.approx(logits[1] - logits[0], rel=1e-4)
    assert max(told.evidence, key=lambda pair: pair[1])[0] == "great"
    assert told.unknown == ("zzz", "!")
    assert told.path.parent == workspace.run(made.run) / "explanations"
    for path in (told.path, tmp_path / "words.png"):
        with Image.open(path) as picture:
            assert picture.width > 1000


def test_the_other_class_can_be_asked_for_and_has_a_picture_of_its_own(made, workspace):
    one = explain_text(made.run, "a great film", workspace=workspace)
    other = explain_text(made.run, "a great film", label="neg", workspace=workspace)

    assert (other.prediction, other.label) == ("pos", "neg")
    for (_, value), (_, opposite) in zip(one.evidence, other.evidence, strict=True):
        assert opposite == pytest.approx(-value)
    assert one.path != other.path
    json.dumps(other.to_json())


@pytest.mark.parametrize(
    ("text", "options", "kind", "message"),
    [
        ("", {}, DataError, "the text is empty"),
        (" \n", {}, DataError, "the text is empty"),
        ("gr\udcfcn", {}, DataError, "the text is not UTF-8"),
        ("good", {"label": "posh"}, InputError, "unknown class of reviews.* 'posh': did you mean 'pos'"),
        ("good", {"output": "words.jpg"}, InputError, "a figure is a file ending in .png, got 'words.jpg'"),
    ],
)
def test_what_cannot_be_explained_is_refused(made, workspace, text, options, kind, message):
    with pytest.raises(kind, match=message):
        explain_text(made, text, workspace=workspace, **options)


def test_a_run_on_images_is_told_from_one_on_texts(compared, made, workspace):
    images = compared.comparison.results[0].run

    assert kind_of(made, workspace) == "text"
    assert kind_of(images, compared.workspace) == "images"
    with pytest.raises(InputError, match=f"{images} reads no texts, but images"):
        explain_text(images, "good", workspace=compared.workspace)


def test_the_windows_of_what_was_saved_are_those_that_were_asked_for(found):
    assert [layer.window for layer in found.model.layers if isinstance(layer, TemporalPooling)] == [1, 2]

"""Recordings, from a folder of files to a server: named, and continued sample by sample."""

import io
import json
import math
import shutil
from dataclasses import replace

import keras
import numpy as np
import pytest
import tensorflow as tf
from PIL import Image
from scipy.io import wavfile
from scipy.special import log_softmax, softmax

from kcnn.data import address
from kcnn.errors import DataError, InputError, InterruptedRun
from kcnn.evaluation.sounds import histogram_bits
from kcnn.experiment import trained
from kcnn.experiment.check import drafted
from kcnn.experiment.compare import compare
from kcnn.experiment.export import export
from kcnn.experiment.folder import find
from kcnn.experiment.own_data import for_data
from kcnn.experiment.run import resume, run
from kcnn.recipes import load, override
from kcnn.serving.client import Client, Refused
from kcnn.serving.server import running
from kcnn.tracking.journal import read
from kcnn.workspace import Workspace
from tests.waves import tone, wav

from .spoken import recipe
from .test_run import StopAfter


@pytest.fixture(scope="module")
def namer(spoken, spoken_space):
    return run(recipe(spoken, "namer"), workspace=spoken_space)


@pytest.fixture(scope="module")
def talker(spoken, spoken_space):
    return run(recipe(spoken, "talker"), workspace=spoken_space)


# Trained


def test_high_and_low_voices_are_told_apart(namer):
    assert namer.metrics["test_accuracy"] >= 0.9
    assert namer.metrics["test_loss"] < namer.facts["blind_loss"]


def test_the_measures_are_those_of_the_saved_model_on_every_recording(namer, spoken_space):
    found = trained.load(find(spoken_space, namer.run))
    source = address.load(namer.recipe.data)

    for split, part in source.splits.items():
        logs = log_softmax(found.model(part.waveforms, training=False).numpy().astype(float), -1)
        assert namer.metrics[f"{split}_accuracy"] == np.mean(logs.argmax(-1) == part.labels)
        expected = -logs[np.arange(len(logs)), part.labels].mean()
        assert namer.metrics[f"{split}_loss"] == pytest.approx(expected, rel=1e-3)


def test_what_comes_next_is_foreseen_better_than_by_how_often_codes_come(talker):
    assert talker.metrics["test_bits"] < talker.metrics["test_histogram_bits"] - 0.3


def test_bits_are_those_of_the_saved_model_at_every_sample_of_every_recording(talker, spoken_space):
    found = trained.load(find(spoken_space, talker.run))
    source = address.load(talker.recipe.data)

    for split, part in source.splits.items():
        nats = []
        for index, codes in enumerate(part.codes):
            seen = np.concatenate([[128], codes[:-1]])[np.newaxis].astype(np.int32)
            told = {name: labels[[index]].astype(np.int32) for name, labels in part.conditions.items()}
            logs = log_softmax(found.model({"codes": seen, **told}, training=False)[0].numpy().astype(float), -1)
            nats.append(-logs[np.arange(len(codes)), codes])
        mean = np.concatenate(nats).mean()
        assert talker.metrics[f"{split}_loss"] == pytest.approx(mean, rel=1e-3)
        assert talker.metrics[f"{split}_bits"] == pytest.approx(mean / math.log(2), rel=1e-3)
        histogram = histogram_bits(source.splits["train"].codes, part.codes, 256)
        assert talker.metrics[f"{split}_histogram_bits"] == pytest.approx(histogram)


def test_metrics_and_facts_are_those_of_each_task(namer, talker):
    kinds = {"train", "val", "test"}
    of_talker = {f"{split}_{name}" for split in kinds for name in ("loss", "bits", "histogram_bits", "linear_bits")}

    assert {name for name in talker.metrics if name.split("_")[0] in kinds} == of_talker
    assert {f"{split}_accuracy" for split in kinds} <= namer.metrics.keys()
    assert {result.facts["examples"] for result in (namer, talker)} == {"recordings"}
    assert namer.facts["input_shape"] == "800"
    assert talker.facts["receptive_field"] == 1 + 1 + 31
    assert talker.facts["classes"] == 256
    source = address.load(talker.recipe.data)
    codes = np.concatenate(source.splits["train"].codes)
    shares = np.bincount(codes) / len(codes)
    entropy = -(shares[shares > 0] * np.log(shares[shares > 0])).sum()
    assert talker.facts["blind_loss"] == pytest.approx(entropy)


def artifacts(space, result, folder):
    events = [event.values for event in read(space.run(result.run)) if event.kind == "artifact"]
    return {event["path"] for event in events if event["folder"].startswith(folder)}


def test_what_a_trained_network_makes_is_kept_with_its_run(talker, spoken_space):
    folder = spoken_space.run(talker.run) / "made"

    assert {path.name for path in folder.iterdir()} == {"high_ann_0.wav", "low_bob_1.wav", "sounds.html"}
    assert artifacts(spoken_space, talker, "made") == {f"made/{path.name}" for path in folder.iterdir()}
    usual = json.loads((spoken_space.run(talker.run) / "source.json").read_text())["preprocessing"]["usual"]
    for path in folder.glob("*.wav"):
        rate, samples = wavfile.read(path)
        assert (rate, len(samples)) == (4000, usual)
        assert samples.std() > 0
    page = (folder / "sounds.html").read_text()
    assert page.count("<audio") == 4
    assert "made: high ann" in page
    assert "true: " in page


def test_a_classifier_makes_nothing(namer, spoken_space):
    assert not (spoken_space.run(namer.run) / "made").exists()


@pytest.mark.parametrize(("name", "figures"), [("namer", {"curves.png", "confusion.png"}), ("talker", {"curves.png"})])
def test_figures_are_in_the_record(request, spoken_space, name, figures):
    result = request.getfixturevalue(name)

    assert artifacts(spoken_space, result, "figures") == figures | {"first_batch.png"}
    with Image.open(spoken_space.run(result.run) / "first_batch.png") as picture:
        assert picture.width > 1000


@pytest.mark.slow
@pytest.mark.parametrize("name", ["namer", "talker"])
def test_a_run_that_was_stopped_and_resumed_ends_with_the_same_weights(request, spoken, tmp_path, name):
    whole = request.getfixturevalue(name)
    listener, cut = StopAfter(1), Workspace(tmp_path)
    with pytest.raises(InterruptedRun):
        run(recipe(spoken, name), workspace=cut, listener=listener, stop=listener.stop)

    resumed = resume("latest", workspace=cut)

    models = [keras.models.load_model(result.paths["model"], compile=False) for result in (whole, resumed)]
    for one, other in zip(*(model.get_weights() for model in models), strict=True):
        np.testing.assert_array_equal(one, other)
    for metric in whole.metrics.keys() - {"images_per_second", "waiting", "seconds"}:
        assert resumed.metrics[metric] == pytest.approx(whole.metrics[metric], rel=1e-6), metric


@pytest.mark.slow
def test_networks_that_continue_are_compared_by_their_bits(spoken, tmp_path):
    drafts = [
        recipe(spoken, "talker", epochs=1),
        recipe(
            spoken, "talker", **{"name": "lstm", "model.name": "wave_lstm", "model.options": {"units": 8}, "epochs": 1}
        ),
    ]

    found = compare(drafts, workspace=Workspace(tmp_path))

    bits = {result.recipe.name: result.metrics["val_bits"] for result in found.results}
    assert found.headline.metric == "bits"
    assert found.best.recipe.name == min(bits, key=bits.get)


@pytest.mark.parametrize(
    ("name", "changes", "message"),
    [
        (
            "talker",
            {"data.task": "classification", "data.conditions": []},
            "wavenet is for data.task=autoregression, got classification",
        ),
        ("namer", {"data.task": "autoregression"}, "spectrogram_cnn is for data.task=classification, got autoregr"),
        ("talker", {"label_smoothing": 0.1}, "train.label_smoothing is for classifiers and the dcgan, wavenet does"),
        ("talker", {"rubbish": 1.0}, "train.rubbish is for classifiers, wavenet does autoregression here"),
        ("talker", {"best_by": "accuracy"}, "train.best_by must be loss, wavenet does autoregression here, which has"),
        (
            "talker",
            {"augment": [{"kind": "flip"}]},
            "augment is for images and clips, talker learns from data.kind=audio",
        ),
        ("talker", {"model.options": {"conditions": {"class": 3}}}, "model.options.conditions is decided by the data"),
        ("talker", {"model.options": {"hop": 80}}, "model.options.hop is decided by the data: leave it out"),
        ("namer", {"model.options": {"rate": 8000}}, "model.options.rate is decided by the data: leave it out"),
        (
            "namer",
            {"model.name": "lstm", "model.options": {}},
            "lstm (sequences) learns from data.kind=series or",
        ),
        ("namer", {"data.source": "no/where"}, "no/where is not there"),
    ],
)
def test_what_means_nothing_for_sounds_is_refused_before_anything_is_read(spoken, here, name, changes, message):
    with pytest.raises((InputError, DataError)) as refused:
        run(recipe(spoken, name, **changes), workspace=Workspace(here))
    assert message in str(refused.value)
    assert list(here.iterdir()) == []


def test_networks_on_ones_own_recordings_differ_in_nothing_but_the_network():
    first, second = for_data("./words", ["wavenet", "wave_lstm"])
    (namer,) = for_data("./words", ["spectrogram_cnn"])

    assert (first.name, first.data.task, namer.data.task) == ("wavenet_words", "autoregression", "classification")
    assert replace(second, name=first.name, model=first.model) == first
    with pytest.raises(InputError, match="--size is for images and clips, spectrogram_cnn reads audio"):
        for_data("./words", ["spectrogram_cnn"], 32)
    with pytest.raises(InputError, match=r"spectrogram_cnn .* and wavenet .* cannot be compared"):
        for_data("./words", ["spectrogram_cnn", "wavenet"])


@pytest.mark.parametrize("name", ["spectrogram_cnn_digits", "wavenet_digits"])
def test_a_recipe_for_the_digits_draws_its_test_from_a_folder_unless_it_is_said_otherwise(name):
    own = drafted(name, {"data.source": "./commands"})
    said = drafted(name, {"data.source": "./commands", "data.test": "first", "first": 3})

    assert own == override(load(name), {"data.source": "./commands", "data.test": "drawn"})
    assert (said.data.test, said.data.first) == ("first", 3)
    assert drafted(name, {"epochs": 3}).data.test == "first"
    assert drafted(said, {"data.source": "./others"}).data.test == "first"


def test_recordings_shorter_than_the_network_hears_are_refused_in_words(spoken, tmp_path):
    with pytest.raises(InputError, match="spectrogram_cnn needs at least 281 samples at 4000 a second, got 200"):
        run(recipe(spoken, "namer", **{"data.seconds": 0.05}), workspace=Workspace(tmp_path))


def test_a_single_speaker_is_nothing_to_be_told(spoken, tmp_path):
    for path in spoken.rglob("*_ann_*.wav"):
        (tmp_path / "words" / path.parent.name).mkdir(parents=True, exist_ok=True)
        shutil.copy(path, tmp_path / "words" / path.parent.name)

    with pytest.raises(InputError, match="words has one speaker, ann: leave it out of data.conditions"):
        run(recipe(tmp_path / "words", "talker"), workspace=Workspace(tmp_path / "space"))


# Published


@pytest.fixture(scope="module")
def served(namer, talker, spoken_space):
    published = {result.recipe.name: export(result, workspace=spoken_space) for result in (namer, talker)}
    assert published["namer"].difference <= 1e-4
    assert published["talker"].difference == 0
    with running(spoken_space.saved_models) as url:
        yield Client(url, 120)


def test_a_server_names_files_of_any_kind_as_the_model_does(served, namer, spoken, spoken_space):
    found = trained.load(find(spoken_space, namer.run))
    files = [path.read_bytes() for path in sorted(spoken.rglob("*_ann_?.wav"))[::3]]

    answers = served.sounds("namer", files)

    assert served.kind("namer") == "sounds"
    for answer, file in zip(answers, files, strict=True):
        heard = found.preprocessing.fitted(found.preprocessing.waveform(tf.constant(file)))
        shares = softmax(found.model(heard[np.newaxis], training=False)[0].numpy().astype(float))
        assert answer.class_name == ("high", "low")[shares.argmax()]
        np.testing.assert_allclose(list(answer.probabilities.values()), shares, atol=1e-4)


def test_a_server_makes_sounds_and_equal_seeds_make_equal_ones(served):
    said = {"class_name": "low", "speaker": "bob"}

    one, again, other = served.make_sounds("talker", [said] * 3, [7, 7, 8], 0.02)

    assert served.kind("talker") == "sound generator"
    assert served.sound_inputs("talker") == ("class_name", "speaker")
    assert one == again != other
    rate, samples = wavfile.read(io.BytesIO(one.wav))
    assert (rate, len(samples)) == (4000, 80)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"a text", "not a WAV file"),
        (b"", "not a WAV file"),
        (wav(tone(300, 0.1, 8000))[:-5], "cut short"),
        (wav(np.zeros(400)), "silent"),
    ],
)
def test_a_server_refuses_what_is_no_recording(served, content, message):
    with pytest.raises(Refused, match=message) as refused:
        served.sounds("namer", [wav(tone(300, 0.1, 8000)), content])
    assert refused.value.status == 400


def test_a_server_refuses_a_name_that_is_not_known(served):
    with pytest.raises(Refused, match="speaker must be one of ann, bob"):
        served.make_sounds("talker", [{"class_name": "low", "speaker": "eve"}], [0], 0.02)

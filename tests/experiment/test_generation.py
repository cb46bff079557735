"""Networks that make images, from the embedded digits to a server's answer and to a classifier's judgement."""

import io

import keras
import numpy as np
import pytest
from PIL import Image

from kcnn.data import address
from kcnn.errors import InputError, InterruptedRun
from kcnn.experiment import makers, trained
from kcnn.experiment.compare import compare
from kcnn.experiment.export import export
from kcnn.experiment.folder import find
from kcnn.experiment.generate import generate
from kcnn.experiment.run import resume, run
from kcnn.serving.answers import Picture
from kcnn.serving.client import Client, Refused
from kcnn.serving.server import running
from kcnn.tracking.journal import read
from kcnn.workspace import Workspace

from .test_run import StopAfter

SMALL = {"data.source": "digits", "data.size": 16, "data.fit": "cover", "batch_size": 64}
KINDS = {
    "autoencoder_mnist": {"model.options": {"latent": 8, "base": 8}},
    "vae_mnist": {"model.options": {"latent": 4, "base": 8}},
    "dcgan_mnist": {"model.options": {"latent": 16, "base": 8, "kernel": 4}},
}
EPOCHS = 3


@pytest.fixture(scope="module")
def workspace(tmp_path_factory):
    return Workspace(tmp_path_factory.mktemp("generation"))


@pytest.fixture(scope="module")
def made(workspace):
    """A run of each recipe, small."""
    return {name: run(name, workspace=workspace, epochs=EPOCHS, **SMALL, **changes) for name, changes in KINDS.items()}


def history(workspace, result, name):
    events = [event.values for event in read(workspace.run(result.run)) if event.kind == "metrics"]
    return [event["values"][name] for event in events if name in event["values"]]


@pytest.mark.parametrize("name", ["autoencoder_mnist", "vae_mnist"])
def test_what_is_held_out_is_reconstructed_better_from_epoch_to_epoch(made, workspace, name):
    losses = history(workspace, made[name], "val_loss")
    assert losses == sorted(losses, reverse=True)
    assert made[name].metrics["test_loss"] < 16 * 16 * np.log(2)  # what grey pixels would cost


def test_a_variational_loss_is_the_sum_of_its_parts(made):
    metrics = made["vae_mnist"].metrics
    total = metrics["test_reconstruction"] + metrics["test_divergence"]
    assert metrics["test_loss"] == pytest.approx(total, rel=1e-6)
    assert metrics["test_divergence"] > 0


def test_both_adversaries_have_learned(made, workspace):
    model = trained.load(find(workspace, made["dcgan_mnist"].run)).model
    fresh = keras.models.clone_model(model)
    for part in ("generator", "discriminator"):
        before, after = (one.get_layer(part).get_weights() for one in (fresh, model))
        assert all(np.abs(a - b).max() > 0 for a, b in zip(after, before, strict=True))
    assert {"discriminator_loss", "generator_loss", "real_probability"} <= {
        name.removeprefix("test_") for name in made["dcgan_mnist"].metrics
    }


@pytest.mark.parametrize(
    ("name", "figures"),
    [
        ("autoencoder_mnist", {"reconstructions", "interpolations"}),
        ("vae_mnist", {"reconstructions", "interpolations", "samples"}),
        ("dcgan_mnist", {"samples", "interpolations"}),
    ],
)
def test_every_epoch_has_its_figures_in_the_record(made, workspace, name, figures):
    folder = workspace.run(made[name].run)
    events = [event.values for event in read(folder) if event.kind == "artifact"]
    kept = {event["path"] for event in events if event["folder"] == "figures/epochs"}

    assert kept == {f"epochs/{figure}_{epoch:03}.png" for figure in figures for epoch in range(1, EPOCHS + 1)}
    assert all((folder / path).exists() for path in kept)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["vae_mnist", "dcgan_mnist"])
def test_an_interrupted_training_ends_as_if_it_had_not_been(made, tmp_path, name):
    terms = {"epochs": 2, "deterministic": True, **SMALL, **KINDS[name]}
    whole = run(name, workspace=Workspace(tmp_path / "whole"), **terms)
    listener, workspace = StopAfter(1), Workspace(tmp_path / "cut")
    with pytest.raises(InterruptedRun):
        run(name, workspace=workspace, listener=listener, stop=listener.stop, **terms)

    resumed = resume("latest", workspace=workspace)

    for one, other in zip(*(weights(result) for result in (whole, resumed)), strict=True):
        np.testing.assert_array_equal(one, other)
    # Means over a batch may differ in the last bit by where its memory begins.
    for name in whole.metrics.keys() - {"images_per_second", "waiting"}:
        assert resumed.metrics[name] == pytest.approx(whole.metrics[name], rel=1e-6), name


def weights(result):
    return keras.saving.load_model(result.paths["model"], compile=False).get_weights()


# What is published


@pytest.mark.parametrize("name", ["autoencoder_mnist", "vae_mnist"])
def test_a_server_answers_the_reconstruction_that_the_model_makes(made, workspace, name):
    published = export(made[name], workspace=workspace)
    test = address.load(made[name].recipe.images).splits["test"].some(3)

    with running(workspace.saved_models) as url:
        answers = Client(url).answers(published.name, [test.encoded(index) for index in range(3)])

    found = trained.load(find(workspace, made[name].run))
    maker = makers.Reconstructor(found.model, found.preprocessing)
    expected = maker.decoded(maker.encoded(test.images(np.arange(3))))
    for answer, image in zip(answers, expected, strict=True):
        assert isinstance(answer, Picture)
        assert np.abs(pixels(answer).astype(int) - image[..., 0]).max() <= 1


def pixels(answer):
    return np.asarray(Image.open(io.BytesIO(answer.png)))


def test_a_server_makes_images_of_classes_and_equal_seeds_make_equal_ones(made, workspace):
    published = export(made["dcgan_mnist"], workspace=workspace)

    with running(workspace.saved_models) as url:
        client = Client(url)
        assert client.kind(published.name) == "generator"
        one, again, other, seven = client.generate(published.name, ["3", "3", "3", "7"], [0, 0, 1, 0])
        with pytest.raises(Refused, match="class_name must be one of 0, 1, 2"):
            client.generate(published.name, ["ten"], [0])

    assert one == again
    assert one.png != other.png
    assert one.png != seven.png
    assert pixels(one).shape == (16, 16)


# New images


def test_a_sheet_has_a_row_a_class_and_a_classifier_judges_it(made, workspace, tmp_path):
    judge = run("mlp_digits", workspace=workspace, epochs=1)

    found = generate(
        made["dcgan_mnist"].run, tmp_path / "s.png", labels=["3", "7"], count=5, judge=judge.run, workspace=workspace
    )

    assert found.images == 10
    assert set(found.by_class) == {"3", "7"}
    assert found.recognised == pytest.approx(np.mean(list(found.by_class.values())))
    with Image.open(tmp_path / "s.png") as sheet:
        assert sheet.width > 1000


def test_real_digits_would_be_recognised_by_the_judge_as_it_recognises_its_own_test(made, workspace):
    judge = run("mlp_digits", workspace=workspace, epochs=10)
    from kcnn.experiment.generate import _shares

    source = address.load(judge.recipe.images)
    test = source.splits["test"]
    rows = [test.images(np.flatnonzero(test.labels == label)) for label in range(10)]

    shares = _shares(find(workspace, judge.run), rows, source.classes)

    counts = np.array([len(row) for row in rows])
    assert (counts @ list(shares.values())) / counts.sum() == pytest.approx(judge.metrics["test_accuracy"])


def test_a_variational_autoencoder_draws_without_classes(made, workspace, tmp_path):
    assert generate(made["vae_mnist"].run, tmp_path / "s.png", count=4, workspace=workspace).images == 4
    with pytest.raises(InputError, match="knows no classes: leave them out"):
        generate(made["vae_mnist"].run, tmp_path / "s.png", labels=["3"], workspace=workspace)
    with pytest.raises(InputError, match="images of no class: there is nothing to judge"):
        generate(made["vae_mnist"].run, tmp_path / "s.png", judge=made["vae_mnist"].run, workspace=workspace)
    with pytest.raises(InputError, match=r"s\.png is there already: --overwrite replaces it"):
        generate(made["vae_mnist"].run, tmp_path / "s.png", workspace=workspace)
    again = generate(made["vae_mnist"].run, tmp_path / "s.png", count=2, overwrite=True, workspace=workspace)
    assert again.images == 2


@pytest.mark.parametrize(
    ("name", "terms", "message"),
    [
        ("autoencoder_mnist", {}, r"\(autoencoder\) makes no new images: only vae and dcgan do"),
        ("dcgan_mnist", {"labels": ["tree"]}, "unknown class of dcgan_mnist.* 'tree'"),
        ("dcgan_mnist", {"judge": "dcgan_mnist"}, "judges are classifiers"),
    ],
)
def test_what_cannot_be_drawn_is_refused(made, workspace, tmp_path, name, terms, message):
    with pytest.raises(InputError, match=message):
        generate(made[name].run, tmp_path / "s.png", workspace=workspace, **terms)


def test_what_does_different_things_is_not_compared(workspace):
    with pytest.raises(InputError, match=r"vae_mnist \(reconstruction\) and mlp_digits \(classification\) cannot be"):
        compare(["vae_mnist", "mlp_digits"], workspace=workspace, **SMALL)
    with pytest.raises(InputError, match="dcgan_mnist cannot be compared: there is no measure of generation"):
        compare(["dcgan_mnist"], workspace=workspace, **SMALL)
    with pytest.raises(InputError, match="name at least one recipe"):
        compare([], workspace=workspace)


def test_autoencoders_are_compared_by_what_both_measure(tmp_path):
    changes = {"epochs": 1, "model.options": {"latent": 4, "base": 4}}
    comparison = compare(["vae_mnist", "autoencoder_mnist"], workspace=Workspace(tmp_path), **SMALL, **changes)

    assert comparison.headline.metric == "squared_error"
    errors = [each.metrics["val_squared_error"] for each in comparison.results]
    assert comparison.best.metrics["val_squared_error"] == min(errors)


def test_codes_between_two_stay_standard_normal_on_the_arc():
    first, last = np.random.default_rng(0).normal(size=(2, 10_000)).astype("float32")

    way, line = makers.around(first, last, 5), makers.straight(first, last, 5)

    np.testing.assert_allclose([way[0], way[-1]], [first, last], atol=1e-6)
    np.testing.assert_allclose([line[0], line[-1]], [first, last], atol=1e-6)
    np.testing.assert_allclose(way.std(-1), 1, atol=0.02)
    assert line[2].std() == pytest.approx(np.sqrt(0.5), abs=0.02)


@pytest.mark.parametrize(
    ("name", "changes", "message"),
    [
        ("vae_mnist", {"label_smoothing": 0.1}, "train.label_smoothing is for classifiers and the dcgan"),
        ("dcgan_mnist", {"rubbish": 1.0}, "train.rubbish is for classifiers, dcgan does generation"),
        ("dcgan_mnist", {"patience": 3}, "train.patience has no loss to stop dcgan by"),
        ("vae_mnist", {"data.size": 20}, "vae needs sides that are 8 times a power of 2, got 20x20"),
    ],
)
def test_a_plan_that_means_nothing_for_the_task_is_refused(workspace, name, changes, message):
    with pytest.raises(InputError, match=message):
        run(name, workspace=workspace, **{**SMALL, **changes})


@pytest.mark.slow
@pytest.mark.parametrize("name", KINDS)
@pytest.mark.parametrize("precision", ["mixed_bfloat16", "mixed_float16"])
def test_what_learned_in_half_precision_is_saved_and_published_whole(tmp_path, name, precision):
    workspace = Workspace(tmp_path)

    made = run(name, workspace=workspace, epochs=1, precision=precision, **SMALL, **KINDS[name])

    saved = keras.models.load_model(made.paths["model"], compile=False)
    assert all(layer.compute_dtype in ("float32", "int32") for layer in saved.layers)
    assert np.isfinite(made.metrics["test_loss"])
    assert export(made, workspace=workspace).difference < 0.01

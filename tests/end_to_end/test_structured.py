"""Masks and new images as a user asks for them: train, export, serve, predict, generate, in processes of their own."""

import json

import numpy as np
import pytest
from PIL import Image

from kcnn.cli.main import call
from kcnn.serving.server import running
from kcnn.workspace import Workspace
from tests.experiment.blobs import SHARED, write

from .commands import as_json


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    return tmp_path_factory.mktemp("home")


@pytest.fixture
def inside(home, monkeypatch):
    monkeypatch.chdir(home)


def overrides(**changes):
    return [f"{key}={json.dumps(value)}" for key, value in {**SHARED, **changes}.items()]


@pytest.fixture
def server(home):
    with running(Workspace(home).saved_models) as url:
        yield url


def test_a_folder_of_masks_ends_in_files_of_masks(home, inside, server, capsys, tmp_path):
    discs = write(home / "discs")
    changes = overrides(**{"data.source": str(discs), "name": "discs", "epochs": 2})
    made = as_json(capsys, "train", "lenet5_digits", *changes)
    assert {"test_pixel_error", "test_iou", "test_dice", "test_rand_error"} <= set(made["metrics"])
    as_json(capsys, "export", made["run"])
    files = sorted((discs / "image").glob("*.png"))[:2]

    answers = as_json(capsys, "predict", *map(str, files), "--server", server, "--model", "discs", "-o", str(tmp_path))

    for answer, file in zip(answers["predictions"], files, strict=True):
        assert answer["written"] == str(tmp_path / f"{file.stem}_mask.png")
        assert sum(answer["shares"].values()) == pytest.approx(1, abs=1e-5)
        with Image.open(answer["written"]) as mask:
            assert mask.size == (48, 40)
            assert set(np.unique(mask)) <= {0, 255}
    assert call(["predict", str(files[0]), "--server", server, "--model", "discs", "-o", str(tmp_path)]) == 2
    assert f"{tmp_path}/00_mask.png is there already: --overwrite replaces it" in capsys.readouterr().err
    twice = ["predict", str(files[0]), str(discs / "label" / "00.png"), "--server", server, "--model", "discs"]
    assert call([*twice, "-o", str(tmp_path / "new")]) == 2
    assert "00_mask.png would be written twice" in capsys.readouterr().err
    assert not (tmp_path / "new").exists()
    tiff = tmp_path / "slice.tiff"
    with Image.open(files[0]) as picture:
        picture.save(tiff)
    same = as_json(capsys, "predict", str(tiff), "--server", server, "--model", "discs", "-o", str(tmp_path / "new"))
    with Image.open(same["predictions"][0]["written"]) as one, Image.open(tmp_path / "00_mask.png") as other:
        np.testing.assert_array_equal(one, other)
    assert call(["predict", str(files[0]), "--server", server, "--model", "discs", "--class", "disc"]) == 2
    assert call(["predict", "--server", server, "--model", "discs", "--class", "disc"]) == 2
    assert "discs makes no images of classes: give it images" in capsys.readouterr().err
    assert call(["predict", str(files[0]), "--server", server, "--model", "discs"]) == 0
    shown = capsys.readouterr()
    assert "disc" in shown.out
    assert "-o FOLDER writes the masks" in shown.err
    assert call(["runs"]) == 0
    assert made["run"] in capsys.readouterr().out


def test_a_generator_ends_in_images_of_the_classes_that_are_named(home, inside, server, capsys, tmp_path):
    small = ["data.source=digits", "data.size=16", "data.fit=cover", 'model.options={"latent":8,"base":4,"kernel":4}']
    made = as_json(capsys, "train", "dcgan_mnist", *small, "epochs=1", "steps=4")
    as_json(capsys, "export", made["run"], "--name", "gan")
    asked = ["predict", "--server", server, "--model", "gan", "--class", "7", "--class", "3", "--seed", "5"]

    answers = as_json(capsys, *asked, "-o", str(tmp_path))
    sheet = as_json(capsys, "generate", made["run"], "-o", str(tmp_path / "sheet.png"), "-n", "3")

    assert [answer["written"] for answer in answers["predictions"]] == [
        str(tmp_path / "7_5.png"),
        str(tmp_path / "3_6.png"),
    ]
    with Image.open(tmp_path / "7_5.png") as image:
        assert image.size == (16, 16)
    assert sheet["images"] == 30
    assert as_json(capsys, *asked, "-o", str(tmp_path), "--overwrite") == answers
    assert call(asked) == 2
    assert "gan answers with images: -o FOLDER says where to write them" in capsys.readouterr().err
    assert call([*asked[:-2], "--class", "ten", "-o", str(tmp_path)]) == 2
    assert "class_name must be one of 0, 1, 2" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["predict"], "give images, texts, series, recordings or clips, or with --class the names of classes to make"),
        (["predict", "x.png", "--class", "7"], "give images, texts, series, recordings or clips, or with"),
        (["generate", "latest", "-o", "x.jpg"], "a figure is a file ending in .png, got 'x.jpg'"),
        (["compare", "--data", ".", "unet", "lenet5"], "unet (segmentation) and lenet5 (classification) cannot be"),
        (["crossvalidate"], "name at least one recipe"),
        (["crossvalidate", "lenet5_digits"], "lenet5_digits has no folds"),
        (["crossvalidate", "--resume", "latest", "lenet5_digits"], "--resume goes on with the cross-validation as it"),
        (["repeat"], "name at least one recipe"),
        (["repeat", "lenet5_digits", "lenet5_digits"], "the same recipe is named twice"),
        (["repeat", "lenet5_digits", "--seeds", "1"], "--seeds"),
        (["repeat", "--resume", "latest", "lenet5_digits"], "--resume goes on with the repetition as it was begun"),
        (["repeat", "--resume", "latest"], "unknown run 'latest'"),
        (["train", "lenet5_digits", "model.name=unet"], "unet (segmentation) learns from data.kind=masks"),
    ],
)
def test_what_cannot_be_asked_is_one_line_and_exit_code_2(inside, capsys, arguments, message):
    assert call(arguments) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert message in line

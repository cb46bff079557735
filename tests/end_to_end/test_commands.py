"""The commands as a user types them, one after the other: train, export, serve, predict, runs."""

import json
import os
import signal
import subprocess

import pytest
from sklearn.datasets import load_digits
from tensorflow.io import encode_png

from tests.tools import KCNN


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    return tmp_path_factory.mktemp("home")


def environment(home):
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("KCNN_", "MLFLOW_", "TF_"))}
    return kept | {"HOME": str(home)}


def kcnn(home, *arguments):
    return subprocess.run(
        [KCNN, *arguments], cwd=home, env=environment(home), check=False, capture_output=True, text=True, timeout=300
    )


@pytest.fixture(scope="module")
def trained(home):
    done = kcnn(home, "train", "lenet5_digits", "epochs=4", "--json")
    assert done.returncode == 0, done.stderr
    return done


@pytest.fixture(scope="module")
def exported(home, trained):
    done = kcnn(home, "export", "latest", "--json")
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


@pytest.fixture(scope="module")
def server(home, exported):
    """`kcnn serve` on a free port; its URL."""
    process = subprocess.Popen(
        [KCNN, "serve", "--port", "0"], cwd=home, env=environment(home), stderr=subprocess.PIPE, text=True
    )
    line = process.stderr.readline()
    assert line.startswith("Serving on http://127.0.0.1:"), line
    yield line.split()[2]
    process.send_signal(signal.SIGINT)
    *_, last = process.communicate(timeout=30)[1].splitlines()
    assert (process.returncode, last) == (130, "kcnn: interrupted")


@pytest.fixture(scope="module")
def digits(home):
    """Ten real digits as PNG files, and what they are."""
    images = (load_digits().images[:10, ..., None] * 255 / 16).round().astype("uint8")
    paths = [home / f"digit_{index}.png" for index in range(10)]
    for path, image in zip(paths, images, strict=True):
        path.write_bytes(encode_png(image).numpy())
    return paths, load_digits().target[:10]


def test_training_prints_one_object_for_programs_and_lines_for_people(trained):
    (line,) = trained.stdout.splitlines()
    result = json.loads(line)
    assert result["metrics"]["test_accuracy"] > 0.8
    assert "epoch   4: loss" in trained.stderr
    assert "oneDNN" not in trained.stderr
    assert "WARNING" not in trained.stderr


def test_predict_names_the_digits(home, server, digits):
    paths, truths = digits
    done = kcnn(home, "predict", "--server", server, "--json", *map(str, paths))
    predictions = json.loads(done.stdout)["predictions"]
    right = sum(one["class"] == str(truth) for one, truth in zip(predictions, truths, strict=True))
    assert right >= 8
    assert sum(predictions[0]["probabilities"].values()) == pytest.approx(1, abs=1e-5)


def test_predict_names_the_file_that_is_no_image(home, server, digits):
    (home / "text.png").write_text("not an image")
    done = kcnn(home, "predict", "--server", server, str(digits[0][0]), "text.png")
    assert done.returncode == 3
    (line,) = done.stderr.splitlines()
    assert line.startswith("kcnn: text.png: ")


def test_predict_says_which_models_there_are_instead(home, server, digits):
    done = kcnn(home, "predict", "--server", server, "--model", "lenet5_digit", str(digits[0][0]))
    assert done.returncode == 2
    assert "lenet5_digits" in done.stderr


def test_runs_lists_the_run(home, trained):
    name = json.loads(trained.stdout)["run"]
    (run,) = json.loads(kcnn(home, "runs", "--json").stdout)["runs"]
    assert (run["name"], run["status"]) == (name, "FINISHED")
    assert name in kcnn(home, "runs").stdout


def test_everything_was_written_where_the_user_stood(home, exported):
    assert {path.name for path in home.iterdir() if path.is_dir()} == {"mlruns", "saved_models", ".kcnn"}


@pytest.mark.slow
def test_the_demonstration_runs_twice_in_the_same_place(tmp_path):
    for version in (1, 2):
        done = kcnn(tmp_path, "demo")
        assert done.returncode == 0, done.stderr
        assert "resnet20_digits" in done.stdout
        assert "The server is stopped." in done.stderr
        assert sum(len(list(model.glob("[0-9]*"))) for model in (tmp_path / "saved_models").iterdir()) >= version

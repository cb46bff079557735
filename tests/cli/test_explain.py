"""`kcnn explain` from the shell: what is printed, and what is refused before TensorFlow is imported."""

import json
import subprocess
import sys

import pytest
from PIL import Image

from kcnn.cli.main import call
from kcnn.experiment.run import run
from kcnn.workspace import Workspace


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """A workspace with a run of one epoch, and an image."""
    root = tmp_path_factory.mktemp("trained")
    run("lenet5_digits", workspace=Workspace(root), epochs=1)
    Image.new("RGB", (40, 30), "white").save(root / "photo.jpg")
    return root


@pytest.fixture
def inside(trained, monkeypatch):
    monkeypatch.chdir(trained)
    return trained


def test_it_prints_where_the_picture_is(inside, capsys):
    assert call(["explain", "latest", "photo.jpg", "--class", "7", "-o", "out.png"]) == 0
    printed = capsys.readouterr()
    assert printed.out == "out.png\n"
    assert "7 is explained" in printed.err
    assert (inside / "out.png").exists()


def test_it_prints_one_json_object(inside, capsys):
    assert call(["explain", "lenet5_digits", "photo.jpg", "--tap", "stage1", "--json"]) == 0
    (line,) = capsys.readouterr().out.splitlines()
    told = json.loads(line)
    assert told["run"].startswith("lenet5_digits-")
    assert told["tap"] == "stage1"
    assert told["left_out"] == []
    assert 0 < told["probability"] <= 1


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (["lenet6", "photo.jpg"], 2, "unknown run 'lenet6'"),
        (["latest", "photo.jpg", "--tap", "stage9"], 2, "unknown layer of lenet5 'stage9'"),
        (["latest", "photo.jpg", "--class", "seven"], 2, "unknown class of lenet5_digits"),
        (["latest", "photo.jpg", "-o", "out.jpg"], 2, "a figure is a file ending in .png"),
        (["latest", "absent.jpg"], 3, "no image absent.jpg"),
    ],
)
def test_names_are_checked_before_tensorflow_is_imported(trained, arguments, code, says):
    program = (
        f"import sys; from kcnn.cli.main import call; print(call({['explain', *arguments]!r}), 'keras' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", program], cwd=trained, check=True, capture_output=True, text=True)
    assert done.stdout.split() == [str(code), "False"]
    (line,) = done.stderr.splitlines()
    assert says in line

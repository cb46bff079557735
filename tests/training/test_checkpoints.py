"""Checkpoints hold everything, fit or are refused, and are never half written."""

import keras
import numpy as np
import pytest

from kcnn.errors import InputError
from kcnn.training.checkpoints import Progress, load, save


def variables(*values):
    return [keras.Variable(np.asarray(value, "float32")) for value in values]


def test_values_and_progress_come_back(tmp_path):
    progress = Progress(epoch=3, step=7, sums=(1.5, 2.0, 3.0), best=(0.25, 2), history=[{"loss": 0.5}])
    save(tmp_path / "c.npz", progress, variables([1.0, 2.0], [[3.0]]))
    into = variables([0.0, 0.0], [[0.0]])
    assert load(tmp_path / "c.npz", into) == progress
    assert into[0].numpy().tolist() == [1.0, 2.0]
    assert into[1].numpy().tolist() == [[3.0]]


def test_a_loss_that_is_not_finite_comes_back(tmp_path):
    save(tmp_path / "c.npz", Progress(sums=(float("inf"), 0.0, 1.0)), [])
    assert load(tmp_path / "c.npz", []).sums[0] == float("inf")


def test_a_checkpoint_of_another_model_is_refused(tmp_path):
    save(tmp_path / "c.npz", Progress(), variables([1.0, 2.0]))
    with pytest.raises(InputError, match="does not fit this model"):
        load(tmp_path / "c.npz", variables([1.0]))


@pytest.mark.parametrize("content", [b"", b"rubbish", None])
def test_a_damaged_checkpoint_is_refused(tmp_path, content):
    path = tmp_path / "c.npz"
    save(path, Progress(), variables(np.zeros(1000)))
    path.write_bytes(path.read_bytes()[:900] if content is None else content)
    with pytest.raises(InputError, match="not a readable checkpoint"):
        load(path, variables(np.zeros(1000)))


def test_a_failed_write_leaves_the_old_checkpoint_and_nothing_else(tmp_path, monkeypatch):
    path = tmp_path / "c.npz"
    save(path, Progress(epoch=1), [])

    def fail(*_arguments, **_arrays):
        raise OSError("disk full")

    monkeypatch.setattr(np, "savez", fail)
    with pytest.raises(OSError, match="disk full"):
        save(path, Progress(epoch=2), [])
    assert load(path, []).epoch == 1
    assert [child.name for child in tmp_path.iterdir()] == ["c.npz"]

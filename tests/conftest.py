"""What every test needs: a quiet TensorFlow, a workspace of its own, and the real data where they are."""

import gc
import os
import sys
from collections.abc import Iterator
from pathlib import Path

import hypothesis
import numpy as np
import pytest
from PIL import Image

from tests.tools import CHROMIUM

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
os.environ["KERAS_BACKEND"] = "tensorflow"
os.environ["MLFLOW_DISABLE_TELEMETRY"] = "true"
os.environ["NO_ALBUMENTATIONS_UPDATE"] = "1"
os.environ.pop("MLFLOW_TRACKING_URI", None)
os.environ.pop("KCNN_WORKSPACE", None)
os.environ.pop("KCNN_SERVER", None)

# Layers and graphs are made by the hundred thousand and few are ever garbage: to look for it after every 700 new ones
# takes a seventh of the time of tests that build networks. What piles up is freed by `bounded_memory`.
gc.set_threshold(50_000, 20, 50)

# A property may take its time: a busy machine is no fault.
hypothesis.settings.register_profile("unhurried", deadline=None)
hypothesis.settings.load_profile("unhurried")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip what this machine lacks, and say what that is."""
    for item in items:
        if item.get_closest_marker("data") and not os.environ.get("KCNN_DATA"):
            item.add_marker(pytest.mark.skip(reason="needs the real data: set KCNN_DATA to their folder"))
        if item.get_closest_marker("browser") and not CHROMIUM:
            item.add_marker(pytest.mark.skip(reason="needs Chromium on the PATH"))


def held() -> int:
    """Bytes of memory that this process holds, where the system says."""
    statm = Path("/proc/self/statm")
    return int(statm.read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") if statm.exists() else 0


GROWTH = 3 * 2**29
"""Bytes by which a test process may grow before it throws away what no test needs any more, which takes a second."""


@pytest.fixture(scope="session")
def bound() -> dict[str, int]:
    """What this process may hold before memory is freed again."""
    return {"bytes": GROWTH}


@pytest.fixture(autouse=True)
def bounded_memory(bound: dict[str, int]) -> Iterator[None]:
    """Free the networks of tests that are over: cycles of references, Keras and TensorFlow keep them."""
    yield
    if "keras" in sys.modules and held() > bound["bytes"]:
        from kcnn.training.forgetting import forget_gradients

        forget_gradients()
        sys.modules["keras"].backend.clear_session()
        gc.collect()
        bound["bytes"] = held() + GROWTH


@pytest.fixture
def data(monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of real data; TFDS finds its part of it."""
    folder = Path(os.environ["KCNN_DATA"]).absolute()
    monkeypatch.setenv("TFDS_DATA_DIR", str(folder / "tfds"))
    return folder


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty current folder, which is the workspace."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def photographs(tmp_path: Path) -> Path:
    """A folder of two classes of 12 coloured pictures each, of various sizes, that can be told apart."""
    generator = np.random.default_rng(0)
    for label, colour in (("red", (200, 40, 40)), ("blue", (40, 40, 200))):
        folder = tmp_path / "photographs" / label
        folder.mkdir(parents=True)
        for index in range(12):
            noise = generator.integers(-30, 30, (20 + index, 30, 3))
            Image.fromarray((np.array(colour) + noise).clip(0, 255).astype(np.uint8)).save(folder / f"{index}.png")
    return tmp_path / "photographs"

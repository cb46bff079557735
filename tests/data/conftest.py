"""Folders of images with masks, of recordings and of clips, small and of various sizes."""

import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests import films as footage
from tests.waves import corpus


@pytest.fixture(scope="session")
def spoken(tmp_path_factory):
    """Recordings: 10 of each of two classes by each of two speakers."""
    return corpus(tmp_path_factory.mktemp("spoken") / "words")


@pytest.fixture
def own(spoken, tmp_path):
    """A copy of these that may be changed."""
    return Path(shutil.copytree(spoken, tmp_path / "own"))


@pytest.fixture(scope="session")
def filmed(tmp_path_factory):
    """Clips: 10 of each of two classes, of all kinds of files."""
    return footage.corpus(tmp_path_factory.mktemp("filmed") / "clips")


@pytest.fixture
def films(filmed, tmp_path):
    """A copy of these that may be changed."""
    return Path(shutil.copytree(filmed, tmp_path / "films"))


@pytest.fixture
def tissue(tmp_path):
    """Ten grey images of 20 to 29 x 24 pixels; the mask is 255 where the image is brighter than 127, else 0."""
    random = np.random.default_rng(0)
    for name in ("image", "label"):
        (tmp_path / "tissue" / name).mkdir(parents=True)
    for index in range(10):
        image = random.integers(0, 256, (20 + index, 24), np.uint8)
        Image.fromarray(image).save(tmp_path / "tissue" / "image" / f"{index}.png")
        Image.fromarray(np.where(image > 127, 255, 0).astype(np.uint8)).save(
            tmp_path / "tissue" / "label" / f"{index}.png"
        )
    return tmp_path / "tissue"

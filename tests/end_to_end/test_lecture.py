"""docs/lecture.md: every file it names is there, every lab is in it, and every command runs as it stands."""

import re
import subprocess
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from sklearn.datasets import load_digits, load_sample_image

from kcnn.labs.catalog import LABS
from tests.tools import KCNN

ROOT = Path(__file__).parents[2]


def rows():
    """Slide, code, lab and command of each row."""
    lines = (ROOT / "docs" / "lecture.md").read_text().splitlines()
    cells = [[cell.strip() for cell in line.split("|")[1:-1]] for line in lines if line.startswith("|")]
    return [row for row in cells if row[0] != "slide" and not row[0].startswith("---")]


def test_every_file_that_it_names_is_there():
    named = [name for row in rows() for name in re.findall(r"`([^`]+)`", row[1])]

    assert named
    assert [name for name in named if not (ROOT / name).is_file()] == []


def test_every_lab_stands_beside_the_slide_that_makes_its_claim():
    listed = [(row[0], name) for row in rows() for name in row[2].split(", ") if name]

    assert {name for _, name in listed} == set(LABS)
    for lab in LABS.values():
        assert any(lab.page in slide and name == lab.name for slide, name in listed), lab


@pytest.mark.slow
def test_every_command_runs(tmp_path):
    china, flower = (Image.fromarray(load_sample_image(f"{name}.jpg")) for name in ("china", "flower"))
    china.save(tmp_path / "photo.jpg")
    flower.save(tmp_path / "other.jpg")
    china.crop((300, 100, 360, 160)).save(tmp_path / "template.png")
    Image.fromarray(np.round(load_digits().images[0] * (255 / 16)).astype(np.uint8)).save(tmp_path / "digit.png")

    for *_, cell in rows():
        program, *arguments = cell.strip("`").split()
        assert program == "kcnn"
        done = subprocess.run([KCNN, *arguments], cwd=tmp_path, check=False, capture_output=True, text=True)
        assert done.returncode == 0, (cell, done.stderr)

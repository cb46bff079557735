"""What a run says of the code and the machine that made it."""

import subprocess
from pathlib import Path

import pytest

from kcnn.experiment.environment import describe

ROOT = Path(__file__).parents[2]


def test_the_commit_is_that_of_the_code_with_a_mark_where_files_differ(monkeypatch):
    monkeypatch.delenv("KCNN_GIT_COMMIT", raising=False)
    done = subprocess.run(["git", "-C", ROOT, "rev-parse", "HEAD"], check=False, capture_output=True, text=True)
    if done.returncode:
        pytest.skip("needs a git checkout")
    assert describe()["git_commit"].removesuffix("+") == done.stdout.strip()


def test_an_image_says_which_commit_it_was_built_from(monkeypatch):
    monkeypatch.setenv("KCNN_GIT_COMMIT", "abc123")
    assert describe()["git_commit"] == "abc123"


def test_versions_are_those_that_are_installed():
    import keras

    assert describe()["version.keras"] == keras.__version__

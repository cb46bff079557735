"""What is made once for several files of tests: a small comparison, small recordings."""

from dataclasses import dataclass

import pytest

from kcnn.experiment.compare import Comparison, compare
from kcnn.workspace import Workspace
from tests.waves import corpus


@dataclass(frozen=True)
class Compared:
    workspace: Workspace
    comparison: Comparison


@pytest.fixture(scope="package")
def compared(tmp_path_factory):
    workspace = Workspace(tmp_path_factory.mktemp("compared"))
    comparison = compare(["mlp_digits", "lenet5_digits"], workspace=workspace, epochs=2)
    return Compared(workspace, comparison)


@pytest.fixture(scope="package")
def spoken(tmp_path_factory):
    """Recordings: 8 of each of two classes by each of two speakers."""
    return corpus(tmp_path_factory.mktemp("spoken") / "words", count=8)


@pytest.fixture(scope="package")
def spoken_space(tmp_path_factory):
    """Where runs on them are kept."""
    return Workspace(tmp_path_factory.mktemp("spoken_runs"))

"""One small comparison, trained once, that the tests of run, compare and export look at."""

from dataclasses import dataclass

import pytest

from kcnn.experiment.compare import Comparison, compare
from kcnn.workspace import Workspace


@dataclass(frozen=True)
class Compared:
    workspace: Workspace
    comparison: Comparison


@pytest.fixture(scope="package")
def compared(tmp_path_factory):
    workspace = Workspace(tmp_path_factory.mktemp("compared"))
    comparison = compare(["mlp_digits", "lenet5_digits"], workspace=workspace, epochs=2)
    return Compared(workspace, comparison)

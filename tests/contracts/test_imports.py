"""The arrows of the design are enforced: a planted wrong import is found. And importing draws nothing."""

import os
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LINT = Path(sys.executable).with_name("lint-imports")

PLANTS = {
    "serving/messages.py": "import kcnn.training.losses",
    "models/mlp.py": "import tensorflow",
    "data/embedded.py": "import kcnn.models.mlp",
    "training/losses.py": "import kcnn.tracking.journal",
    "arithmetic/sizes.py": "import keras",
    "experiment/run.py": "import mlflow",
    "plots/curves.py": "import kcnn.evaluation.accuracy",
    "recipes/train.py": "import kcnn.arithmetic.sizes",
    "experiment/check.py": "import kcnn.cli.main",
    "evaluation/confusion.py": "import matplotlib",
}


@pytest.mark.parametrize("module", PLANTS)
def test_a_planted_wrong_import_is_found(tmp_path, module):
    shutil.copytree(ROOT / "kcnn", tmp_path / "kcnn", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    planted = tmp_path / "kcnn" / module
    planted.write_text(f"{planted.read_text()}\n{PLANTS[module]}\n")
    environment = os.environ | {"PYTHONPATH": str(tmp_path)}
    done = subprocess.run([LINT], cwd=tmp_path, env=environment, check=False, capture_output=True, text=True)
    assert done.returncode == 1, done.stdout
    assert f"kcnn.{module.removesuffix('.py').replace('/', '.')} -> {PLANTS[module].split()[1]}" in done.stdout


def test_every_package_is_named_in_every_contract_that_keeps_a_library_in_one_place():
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    packages = {f"kcnn.{path.parent.name}" for path in (ROOT / "kcnn").glob("*/__init__.py")}
    for contract in contracts:
        if " only in " in contract["name"]:
            home = f"kcnn.{contract['name'].split(' only in ')[1]}"
            assert set(contract["source_modules"]) == packages - {home}, contract["name"]


def test_no_module_draws_random_numbers_when_it_is_imported():
    """What draws its seed then has it from whichever run came first, and all that this run draws later is another."""
    program = """
import pkgutil, random
from importlib import import_module
import keras, kcnn
before = random.getstate()
for module in pkgutil.walk_packages(kcnn.__path__, "kcnn."):
    if module.name != "kcnn.__main__":
        import_module(module.name)
        assert random.getstate() == before, module.name
"""
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, check=False, capture_output=True, text=True)

    assert done.returncode == 0, done.stderr[-400:]

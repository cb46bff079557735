"""MLflow's UI, as a browser shows it after a comparison."""

import os
import subprocess
import time
import urllib.request

import pytest
from mlflow import MlflowClient

from kcnn.experiment.compare import compare
from kcnn.serving import ports
from kcnn.workspace import Workspace
from tests.tools import CHROMIUM, KCNN

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def comparison(tmp_path_factory):
    workspace = Workspace(tmp_path_factory.mktemp("ui"))
    return workspace, compare(["mlp_digits", "lenet5_digits"], workspace=workspace, epochs=1)


@pytest.fixture(scope="module")
def experiment(comparison):
    """The URL of the experiment in `kcnn ui`."""
    workspace, _ = comparison
    with ports.claim("127.0.0.1", 0) as free:
        port = free.getsockname()[1]
    environment = os.environ | {"KCNN_WORKSPACE": str(workspace.root)}
    process = subprocess.Popen([KCNN, "ui", "--port", str(port)], env=environment, stderr=subprocess.PIPE, text=True)
    limit = time.monotonic() + 90
    while time.monotonic() < limit:
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/health", timeout=2).close()
            break
        except OSError:
            time.sleep(0.5)
    number = MlflowClient(workspace.tracking_uri).get_experiment_by_name("kcnn").experiment_id
    yield f"http://127.0.0.1:{port}/#/experiments/{number}/runs"
    process.terminate()
    process.communicate(timeout=30)


def page(url, folder):
    """What stands on the page once its scripts have run."""
    switches = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"]
    switches += ["--disable-background-networking", f"--user-data-dir={folder}", "--virtual-time-budget=30000"]
    command = [str(CHROMIUM), *switches, "--window-size=1600,1400", "--dump-dom", url]
    return subprocess.run(command, check=True, capture_output=True, text=True, timeout=180).stdout


def test_the_list_of_runs_has_the_comparison(comparison, experiment, tmp_path):
    assert comparison[1].name in page(experiment, tmp_path)


def test_the_comparison_has_its_runs_its_table_and_its_metrics(comparison, experiment, tmp_path):
    workspace, made = comparison
    shown = page(f"{experiment}/{run_id(workspace, made.name)}", tmp_path)
    for result in made.results:
        assert result.run in shown
        assert f"{result.facts['parameters']:,}" in shown
    assert "best_test_accuracy" in shown


def test_a_run_shows_its_figures(comparison, experiment, tmp_path):
    workspace, made = comparison
    number = run_id(workspace, made.results[0].run)
    shown = page(f"{experiment}/{number}/artifacts/figures/curves.png", tmp_path)
    assert "figures/curves.png" in shown
    assert "confusion.json" in shown


def run_id(workspace, name):
    client = MlflowClient(workspace.tracking_uri)
    (found,) = client.search_runs(
        [client.get_experiment_by_name("kcnn").experiment_id], f"attributes.run_name = '{name}'"
    )
    return found.info.run_id

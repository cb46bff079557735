"""docker-compose.yml holds together: what it names exists, results stay on the host, ports stay on this machine."""

import os
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[1]
SERVICES = yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"]
OURS = [name for name, service in SERVICES.items() if service["image"].startswith("kcnn")]


def test_the_services_of_the_main_job_are_there():
    assert {"mlflow", "train", "compare", "transfer", "export", "serving", "embedded", "train-gpu"} <= set(SERVICES)


def test_tf_serving_is_pinned_and_polls_the_list_of_models():
    serving = SERVICES["serving"]
    name, version = serving["image"].split(":")
    assert name == "tensorflow/serving"
    assert version.count(".") == 2
    assert "--model_config_file=/models/models.config" in serving["command"]
    assert any(word.startswith("--model_config_file_poll_wait_seconds=") for word in serving["command"])
    assert serving["volumes"] == ["./saved_models:/models:ro"]


def test_the_embedded_server_has_tf_servings_rest_port():
    assert SERVICES["serving"]["ports"] == ["127.0.0.1:8501:8501", "127.0.0.1:8500:8500"]
    assert SERVICES["embedded"]["ports"] == ["127.0.0.1:8501:8501"]
    assert SERVICES["embedded"]["profiles"] == ["embedded"]


@pytest.mark.parametrize("name", SERVICES)
def test_ports_are_open_to_this_machine_only(name):
    assert all(port.startswith("127.0.0.1:") for port in SERVICES[name].get("ports", []))


@pytest.mark.parametrize("name", OURS)
def test_results_stay_on_the_host(name):
    folders = {volume.split(":")[0] for volume in SERVICES[name]["volumes"]}
    assert {"./mlruns", "./saved_models", "./.kcnn"} <= folders


@pytest.mark.parametrize("name", OURS)
def test_the_pipeline_it_runs_exists(name):
    words = [*SERVICES[name].get("entrypoint", []), *SERVICES[name].get("command", [])]
    pipelines = [word.removeprefix("/opt/kcnn/") for word in words if "pipelines/" in word]
    assert all((ROOT / pipeline).is_file() for pipeline in pipelines)
    assert pipelines or words[0] == "kcnn"


def test_only_the_gpu_profile_asks_for_gpus():
    reserved = {name for name, service in SERVICES.items() if "deploy" in service}
    assert reserved == {"train-gpu"}
    (device,) = SERVICES["train-gpu"]["deploy"]["resources"]["reservations"]["devices"]
    assert device["capabilities"] == ["gpu"]
    assert SERVICES["train-gpu"]["profiles"] == ["gpu"]


@pytest.mark.parametrize("path", sorted((ROOT / "pipelines").glob("*.py")), ids=lambda path: path.name)
def test_pipelines_are_short(path):
    assert len(path.read_text().splitlines()) < 60


def test_the_image_gets_every_file_that_it_copies_or_that_the_package_names():
    allowed = {line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")}
    copies = [
        line.split()[1:-1] for line in (ROOT / "docker" / "Dockerfile").read_text().splitlines() if "COPY" in line
    ]
    copied = {name for names in copies for name in names if "$" not in name}
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert copied <= allowed
    assert {project["readme"], *project["license-files"]} <= copied


@pytest.mark.parametrize("lock", ["requirements.lock", "docker/requirements-gpu.lock"])
def test_every_lock_holds_what_builds_the_package(lock):
    assert "\nflit-core==" in (ROOT / lock).read_text()


@pytest.mark.parametrize("number", ["01_train", "02_compare", "03_export", "04_serve"])
def test_a_pipeline_is_its_command(number):
    script = ROOT / "pipelines" / f"{number}.py"
    done = subprocess.run([sys.executable, script, "--help"], check=True, capture_output=True, text=True)
    assert done.stdout.startswith(f"Usage: kcnn {number[3:]} ")


def test_the_last_pipeline_writes_the_list_of_models_even_where_there_is_none(tmp_path):
    environment = os.environ | {"KCNN_WORKSPACE": str(tmp_path)}
    subprocess.run([sys.executable, ROOT / "pipelines" / "05_models_config.py"], env=environment, check=True)
    assert (tmp_path / "saved_models" / "models.config").read_text() == "model_config_list {\n}\n"

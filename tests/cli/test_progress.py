"""What a person sees while a training goes on."""

import io
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
from rich.console import Console

from kcnn.cli.progress import Bar, Log
from kcnn.training.trainer import Report

FACTS = {
    "model": "lenet5",
    "parameters": 61_706,
    "input_shape": "32x32x1",
    "train_examples": 1295,
    "device": "1 x CPU",
    "examples": "images",
}
REPORT = Report(2, 30, 50, 630, {"loss": 0.1234, "accuracy": 0.987}, 4321.0, 75.0)
METRICS = {"loss": 0.5, "accuracy": 0.9, "val_loss": 0.4, "val_accuracy": 0.95, "images_per_second": 1000.0}


def test_the_bar_shows_epoch_speed_and_the_time_that_is_left():
    screen = io.StringIO()
    bar = Bar(Console(file=screen, force_terminal=True, width=120, color_system=None))
    bar.begin("run", FACTS)
    bar.step(REPORT)
    bar.epoch(2, METRICS)
    time.sleep(0.2)
    bar.close()
    shown = screen.getvalue()
    for part in ("epoch 3/30", "accuracy 98.70 %", "4,321 images/s", "1 min 15 s left", "epoch   3: loss 0.5000"):
        assert part in shown


def test_a_log_has_a_line_an_epoch_and_no_control_characters(capsys):
    log = Log()
    log.begin("run", FACTS)
    log.step(REPORT)
    log.epoch(2, METRICS)
    lines = capsys.readouterr().err.splitlines()
    assert lines[0].startswith("run: lenet5, 61,706 parameters")
    assert (
        lines[1]
        == "  epoch   3: loss 0.5000, accuracy 90.00 %, validation loss 0.4000, accuracy 95.00 %, 1,000 images/s"
    )
    assert len(lines) == 2


@pytest.mark.parametrize(
    ("facts", "says"),
    [
        ({"input_shape": "600x2", "receptive_field": 3571}, "600 steps of 2 numbers (3,571 of them seen at once)"),
        ({"input_shape": "784x1", "receptive_field": None}, "784 steps of 1 number (all of them seen at once)"),
        ({"input_shape": "56", "examples": "texts"}, "up to 56 words"),
        (
            {"input_shape": "8000", "examples": "recordings", "receptive_field": 3071},
            "up to 8,000 samples, 3,071 of them seen at once",
        ),
        ({"input_shape": "800", "examples": "recordings", "receptive_field": None}, "up to 800 samples"),
        ({"input_shape": "16x32x48x1", "examples": "clips"}, "16 frames of 32x48x1 pixels"),
    ],
)
def test_series_and_texts_have_no_pixels_and_are_counted_by_their_name(capsys, facts, says):
    facts = FACTS | {"examples": "series"} | facts
    log = Log()
    log.begin("run", facts)
    log.epoch(0, {"loss": 0.17, "val_loss": 0.16, "images_per_second": 500.0})
    lines = capsys.readouterr().err.splitlines()
    assert lines[0] == f"run: lenet5, 61,706 parameters, {says}, 1,295 training {facts['examples']}, 1 x CPU"
    assert lines[1].endswith(f"loss 0.1700, validation loss 0.1600, 500 {facts['examples']}/s")


@pytest.mark.parametrize(
    ("waiting", "examples", "said"),
    [
        (0.0, 40_000, ""),
        (0.04, 40_000, ""),
        (0.05, 40_000, ", 5% of the time waiting for data"),
        (0.5, 3_000, ", 50% of the time waiting for data"),
        (0.5, 1_000, ""),  # half a second
    ],
)
def test_that_a_training_waits_for_data_is_said_where_it_is_worth_it(capsys, waiting, examples, said):
    log = Log()
    log.begin("run", FACTS | {"train_examples": examples})
    log.epoch(0, METRICS | {"waiting": waiting})

    assert capsys.readouterr().err.splitlines()[-1].endswith(f"1,000 images/s{said}")


def test_a_port_in_use_is_said_before_tensorflow_is_imported(tmp_path):
    (tmp_path / "saved_models" / "m" / "1").mkdir(parents=True)
    (tmp_path / "saved_models" / "m" / "1" / "saved_model.pb").touch()
    code = """
import sys
from kcnn.serving import ports
from kcnn.cli.main import call
with ports.claim("127.0.0.1", 0) as taken:
    code = call(["serve", "--port", str(taken.getsockname()[1])])
sys.exit(code + 100 * ("tensorflow" in sys.modules))
"""
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=Path(__file__).parents[2],
        env=os.environ | {"KCNN_WORKSPACE": str(tmp_path)},
        check=False,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 2, done.stderr
    assert "is in use" in done.stderr

"""A journal survives whatever happens to the process that writes it."""

import math
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from kcnn.tracking.journal import Journal, read, runs, summarise
from kcnn.workspace import Workspace

ROOT = Path(__file__).parents[2]


@pytest.fixture
def journal(tmp_path):
    made = Journal(tmp_path / ".kcnn" / "checkpoints" / "first")
    made.start(tags={"host": "here"})
    yield made
    made.close()


def values(folder, kind):
    return [event.values for event in read(folder) if event.kind == kind]


def test_events_come_back_in_their_order(journal):
    journal.params({"epochs": 3, "size": None})
    journal.metrics({"loss": 0.5}, step=0)
    journal.finish("FINISHED")
    folder = journal.path.parent
    assert [event.kind for event in read(folder)] == ["start", "params", "metrics", "finish"]
    assert values(folder, "params") == [{"epochs": "3", "size": "none"}]
    times = [event.at for event in read(folder)]
    assert times == sorted(times)


def test_an_event_is_on_disk_before_the_next_line_of_the_program(tmp_path):
    writer = f"""
import os, signal
from pathlib import Path
from kcnn.tracking.journal import Journal
journal = Journal(Path({str(tmp_path / "run")!r}))
journal.start()
journal.metrics({{"loss": 1.0}}, step=0)
os.kill(os.getpid(), signal.SIGKILL)
"""
    done = subprocess.run([sys.executable, "-c", writer], cwd=ROOT, check=False)
    assert done.returncode == -signal.SIGKILL
    assert values(tmp_path / "run", "metrics") == [{"step": 0, "values": {"loss": 1.0}}]
    assert summarise(tmp_path / "run").status == "INTERRUPTED"


def test_a_torn_last_line_is_no_event_and_spoils_no_later_one(journal):
    journal.metrics({"loss": 0.5}, step=0)
    with journal.path.open("ab") as file:
        file.write(b'{"kind": "metrics", "at": 1, "val')
    folder = journal.path.parent
    assert len(read(folder)) == 2
    again = Journal(folder)
    again.start()
    again.metrics({"loss": 0.25}, step=1)
    again.close()
    assert values(folder, "metrics") == [{"step": step, "values": {"loss": 0.5 / (step + 1)}} for step in (0, 1)]


def test_what_a_resumed_run_repeats_is_not_written_again(journal):
    journal.params({"device": "one CPU"})
    journal.metrics({"loss": 0.5, "images_per_second": 100.0}, step=0)
    again = Journal(journal.path.parent)
    again.start()
    again.params({"device": "another CPU", "new": 1})
    again.metrics({"loss": 0.5, "images_per_second": 90.0, "late": 1.0}, step=0)
    again.close()
    assert values(journal.path.parent, "params") == [{"device": "one CPU"}, {"new": "1"}]
    assert values(journal.path.parent, "metrics")[1] == {"step": 0, "values": {"late": 1.0}}


def test_losses_that_are_not_numbers_come_back(journal):
    journal.metrics({"nan": math.nan, "inf": math.inf}, step=0)
    stored = values(journal.path.parent, "metrics")[0]["values"]
    assert math.isnan(stored["nan"])
    assert stored["inf"] == math.inf


def test_a_run_is_running_until_it_says_how_it_ended(journal):
    folder = journal.path.parent
    assert summarise(folder).status == "RUNNING"
    journal.finish("KILLED")
    assert summarise(folder).status == "KILLED"
    again = Journal(folder)
    again.start()
    assert summarise(folder).status == "RUNNING"
    again.finish("FINISHED")
    assert summarise(folder).status == "FINISHED"


def test_tags_can_be_added_after_the_end_without_opening_it_again(journal):
    journal.finish("FINISHED")
    Journal(journal.path.parent).tags({"exported": "digits/1"})
    summary = summarise(journal.path.parent)
    assert summary.status == "FINISHED"
    assert summary.tags == {"host": "here", "exported": "digits/1"}


def test_runs_are_listed_newest_first_with_their_latest_metrics(journal, tmp_path):
    journal.metrics({"val_accuracy": 0.5}, step=0)
    journal.metrics({"val_accuracy": 0.75}, step=1)
    second = Journal(tmp_path / ".kcnn" / "checkpoints" / "second")
    time.sleep(0.01)
    second.start(parent="first")
    second.finish("FINISHED")
    found = runs(Workspace(tmp_path))
    assert [summary.name for summary in found] == ["second", "first"]
    by_name = {summary.name: summary for summary in found}
    assert by_name["first"].metrics == {"val_accuracy": 0.75}
    assert by_name["second"].parent == "first"


def test_a_workspace_without_runs_has_none(tmp_path):
    assert runs(Workspace(tmp_path)) == []
    assert summarise(tmp_path) is None


def test_what_is_written_after_a_torn_line_is_kept_and_the_torn_line_is_not(journal):
    journal.finish("FINISHED")
    with journal.path.open("ab") as file:
        file.write(b'{"kind": "metrics", "at": 1, "val')
    Journal(journal.path.parent).tags({"exported": "digits/1"})
    summary = summarise(journal.path.parent)
    assert (summary.status, summary.tags["exported"]) == ("FINISHED", "digits/1")

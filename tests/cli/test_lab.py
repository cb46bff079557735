import json
from dataclasses import replace
from functools import partial

import pytest

from kcnn.cli.main import call
from kcnn.labs import batch_against_group_norm, inception_short_circuit, max_pool_gradient
from kcnn.labs.catalog import LABS
from tests.labs.test_labs import OPPOSITES


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["lab"], "give the NAME of a lab or --all"),
        (["lab", "translation", "--all"], "give the NAME of a lab or --all"),
        (["lab", "permutations"], "unknown lab 'permutations': did you mean 'permutation'?"),
        (["lab", "--all", "-o", "figure.png"], "--output goes with one lab"),
        (["lab", "translation", "-o", "nowhere/figure.png"], "there is no folder nowhere"),
        (["lab", "translation", "--full"], "translation has no longer form: run it without --full"),
        (["lab", "translation", "-o", "figure.pdf"], "a figure is a file ending in .png, got 'figure.pdf'"),
    ],
)
def test_what_is_no_lab_is_refused_in_one_line(here, capsys, arguments, says):
    assert call(arguments) == 2

    printed = capsys.readouterr()
    assert printed.out == ""
    assert says in printed.err
    assert list(here.iterdir()) == []


def test_the_labs_are_listed_with_the_pages_they_belong_to(here, capsys):
    assert call(["labs"]) == 0
    shown = capsys.readouterr().out
    assert call(["labs", "--json"]) == 0
    listed = json.loads(capsys.readouterr().out)["labs"]

    assert [row["name"] for row in listed] == list(LABS)
    assert all(row["name"] in shown and row["page"] in shown for row in listed)
    assert all(0 < row["minutes"] <= 5 and (row["longer"] or 6) > row["minutes"] for row in listed)
    assert all(row["last"] is None for row in listed)


def test_the_last_verdict_is_listed_until_its_file_is_damaged(here, capsys, monkeypatch):
    name = "max-pool-gradient"
    planted = partial(max_pool_gradient.measure, **OPPOSITES[name][0])
    assert call(["lab", name, "-o", "figure.png"]) == 0
    capsys.readouterr()

    assert verdict(capsys, name)["holds"] is True
    monkeypatch.setattr(max_pool_gradient, "measure", planted)
    assert call(["lab", name]) == 1
    assert verdict(capsys, name)["holds"] is False
    call(["labs"])
    assert "does NOT hold" in capsys.readouterr().out
    for damaged in ("{", "[]", '{"holds": true}'):
        (here / ".kcnn" / "labs" / f"{name}.json").write_text(damaged)
        assert verdict(capsys, name) is None


def test_the_longer_form_is_measured_and_listed_as_such(here, capsys, monkeypatch):
    monkeypatch.setattr(inception_short_circuit, "measure", lambda full: max_pool_gradient.measure())

    assert call(["lab", "inception-short-circuit", "--full"]) == 0
    assert verdict(capsys, "inception-short-circuit")["full"] is True


def test_a_claim_that_is_known_not_to_hold_here_is_no_failure_and_says_what_it_needs(here, capsys, monkeypatch):
    planted = partial(batch_against_group_norm.measure, errors=lambda kind, size, seed: (0.1, 0.1))
    monkeypatch.setattr(batch_against_group_norm, "measure", planted)

    assert call(["lab", "batch-against-group-norm"]) == 0
    said = " ".join(capsys.readouterr().out.split())
    assert "The claim does NOT hold" in said
    assert "it needs ResNet-50" in said
    assert verdict(capsys, "batch-against-group-norm")["holds"] is False


def verdict(capsys, name):
    """What kcnn labs tells programs of the lab's last trial."""
    capsys.readouterr()
    assert call(["labs", "--json"]) == 0
    return next(row for row in json.loads(capsys.readouterr().out)["labs"] if row["name"] == name)["last"]


def test_a_lab_is_one_object_for_programs(here, capsys):
    assert call(["lab", "max-pool-gradient", "--json"]) == 0

    (line,) = capsys.readouterr().out.splitlines()
    found = json.loads(line)
    assert set(found) == {"lab", "claim", "full", "holds", "numbers", "seconds", "figure"}
    assert found["holds"] is True
    assert found["figure"] == str(here / ".kcnn" / "labs" / "max-pool-gradient.png")


def test_what_a_lab_has_left_out_is_said(here, capsys, monkeypatch):
    whole = max_pool_gradient.measure()
    monkeypatch.setattr(max_pool_gradient, "measure", lambda: replace(whole, note="audio needs KCNN_DATA"))

    assert call(["lab", "max-pool-gradient", "--json"]) == 0

    printed = capsys.readouterr()
    assert json.loads(printed.out)["note"] == "audio needs KCNN_DATA"
    assert "max-pool-gradient: audio needs KCNN_DATA" in printed.err


def test_a_lab_says_its_verdict_and_writes_its_figure_where_it_is_told(here, capsys):
    assert call(["lab", "max-pool-gradient", "-o", "figure.png"]) == 0

    printed = capsys.readouterr()
    assert "The claim holds" in printed.out
    assert "share of places with a gradient" in printed.out
    assert (here / "figure.png").read_bytes().startswith(b"\x89PNG")


def test_a_claim_that_does_not_hold_is_exit_code_1(here, capsys, monkeypatch):
    planted = partial(max_pool_gradient.measure, **OPPOSITES["max-pool-gradient"][0])
    monkeypatch.setattr(max_pool_gradient, "measure", planted)

    assert call(["lab", "max-pool-gradient"]) == 1
    assert "The claim does NOT hold" in capsys.readouterr().out


def test_every_lab_at_once_is_an_object_a_line_and_nothing_else_for_programs(here, capsys, monkeypatch):
    few = {name: LABS[name] for name in ("max-pool-gradient", "three-3x3-is-one-7x7")}
    monkeypatch.setattr("kcnn.labs.catalog.LABS", few)

    assert call(["lab", "--all", "--json"]) == 0

    assert [json.loads(line)["lab"] for line in capsys.readouterr().out.splitlines()] == list(few)

import json
from functools import partial

import pytest

from kcnn.cli.main import call
from kcnn.labs import max_pool_gradient
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
        (["lab", "translation", "-o", "figure.pdf"], "a figure is a file ending in .png, got 'figure.pdf'"),
    ],
)
def test_what_is_no_lab_is_refused_in_one_line(here, capsys, arguments, says):
    assert call(arguments) == 2

    printed = capsys.readouterr()
    assert printed.out == ""
    assert says in printed.err
    assert list(here.iterdir()) == []


def test_the_labs_are_listed_with_the_pages_they_belong_to(capsys):
    assert call(["labs"]) == 0
    shown = capsys.readouterr().out
    assert call(["labs", "--json"]) == 0
    listed = json.loads(capsys.readouterr().out)["labs"]

    assert [row["name"] for row in listed] == list(LABS)
    assert all(row["name"] in shown and row["page"] in shown for row in listed)


def test_a_lab_is_one_object_for_programs(here, capsys):
    assert call(["lab", "max-pool-gradient", "--json"]) == 0

    (line,) = capsys.readouterr().out.splitlines()
    found = json.loads(line)
    assert set(found) == {"lab", "claim", "holds", "numbers", "figure"}
    assert found["holds"] is True
    assert found["figure"] == str(here / ".kcnn" / "labs" / "max-pool-gradient.png")


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

"""Commands as a user gives them, in this process."""

import json

import pytest

from kcnn.cli.main import call


def call_in(home, *arguments):
    """The exit code of a command that is given in a folder."""
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(home)
        return call(list(arguments))


def as_json(capsys, *arguments):
    """What a command that succeeds prints for programs."""
    code = call([*arguments, "--json"])
    captured = capsys.readouterr()
    assert code == 0, captured.err
    return json.loads(captured.out.splitlines()[-1])


def refusal(capsys, *arguments):
    """The exit code, and the one line on stderr."""
    code = call(list(arguments))
    captured = capsys.readouterr()
    assert captured.out == ""
    (line,) = captured.err.splitlines()
    return code, line

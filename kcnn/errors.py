"""The faults kcnn names, each with the exit code that the command line gives it."""

from collections.abc import Iterable
from difflib import get_close_matches

_SHOWN = 12
"""How many valid names an error lists."""


class InputError(ValueError):
    """A name, argument or file that the caller can mend: says what was given and what is allowed."""

    exit_code = 2


class DataError(InputError):
    """A fault in the user's data: an unreadable image, a class with no examples, a missing folder."""

    exit_code = 3


class HeldRun(InputError):
    """A run, or what runs are recorded under, that another process is at."""


class InterruptedRun(Exception):
    """What was stopped and can be resumed by that command; `run` is its name."""

    exit_code = 75

    def __init__(self, run: str, command: str = "train"):
        super().__init__(f"{run} was interrupted; continue it with: kcnn {command} --resume {run}")
        self.run = run


def nearest(name: str, names: Iterable[str]) -> str | None:
    """The name in `names` that is closest to `name` in spelling, or None where none is close."""
    lower = {candidate.lower(): candidate for candidate in names}
    matches = get_close_matches(name.lower(), lower, n=1, cutoff=0.5)
    return lower[matches[0]] if matches else None


def unknown(what: str, name: str, names: Iterable[str]) -> InputError:
    """The error for a name that does not exist, with the nearest one, or some of them where none is near."""
    names = sorted(names)
    match = nearest(name, names)
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    hint = f"did you mean {match!r}?" if match else f"there are: {', '.join(names[:_SHOWN]) or 'none'}{more}"
    return InputError(f"unknown {what} {name!r}: {hint}")

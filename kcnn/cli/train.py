"""`kcnn train`."""

import signal
import threading
from collections.abc import Mapping
from inspect import signature
from typing import Any

import click
from click.core import ParameterSource

from kcnn.cli.output import duration, json_option, measure, print_json, print_table, say, shown
from kcnn.errors import InputError, InterruptedRun


@click.command()
@click.argument("recipe", required=False)
@click.argument("overrides", nargs=-1, metavar="[KEY=VALUE]...")
@click.option("--data", metavar="DATASET", help="digits, tfds:NAME or a folder, instead of the recipe's.")
@click.option("--minutes", type=click.FloatRange(min=0, min_open=True), help="Train for about so long.")
@click.option("--resume", metavar="RUN", help="Go on with an interrupted run (`latest` for the newest).")
@json_option
def train(
    recipe: str | None,
    overrides: tuple[str, ...],
    data: str | None,
    minutes: float | None,
    resume: str | None,
    as_json: bool,
) -> None:
    """Train RECIPE (kcnn recipes lists them), changed by KEY=VALUE.

    For example: kcnn train lenet5_mnist epochs=3 optimizer.lr=0.01
    """
    from kcnn.experiment import run as verbs

    if resume is not None:
        only_resume("run")
        result = trained(verbs.resume, resume)
    elif not recipe:
        raise InputError("give a recipe (kcnn recipes lists them), or --resume RUN")
    else:
        from kcnn.recipes.overrides import parse

        changes = parse(overrides) | ({"data.source": data} if data else {})
        result = trained(verbs.run, recipe, minutes=minutes, changes=changes)
    if as_json:
        print_json(result.to_json())
        return
    print_result(result)


def only_resume(what: str) -> None:
    """Raise InputError where the command was given more than `--resume`: a run, a comparison, a search is as it was."""
    context = click.get_current_context()
    given = {name for name, value in context.params.items() if value not in ((), None)}
    given = {name for name in given if context.get_parameter_source(name) is ParameterSource.COMMANDLINE}
    if given - {"resume", "as_json"}:
        raise InputError(f"--resume goes on with the {what} as it was begun: nothing can be changed")


def print_result(result: Any) -> None:
    """A run's table, and what may come next."""
    splits = {"train": "train", "holdout": "held out of train", "val": "validation", "test": "test"}
    found = {split: _of_split(result.metrics, split) for split in splits}
    names = shown(dict.fromkeys(name for values in found.values() for name in values))
    rows = [
        (label, *(measure(name, found[split].get(name)) for name in names))
        for split, label in splits.items()
        if found[split]
    ]
    columns = ("split", *(name.replace("_", " ") for name in names))
    print_table(columns, rows, title=f"{result.run}  ({duration(result.seconds)})")
    say(f"Next: kcnn export {result.run}    kcnn runs    kcnn ui")


def _of_split(metrics: Mapping[str, float], split: str) -> dict[str, float]:
    """What was measured on a split, by its name without the split's."""
    prefix = f"{split}_"
    return {name.removeprefix(prefix): value for name, value in metrics.items() if name.startswith(prefix)}


def trained(verb: Any, *arguments: Any, changes: Mapping[str, Any] | None = None, **options: Any) -> Any:
    """Call a verb that trains, with a progress display, so that Ctrl-C and SIGTERM end in a checkpoint.

    `changes` are those to the recipe; one that has the name of an argument of the verb needs its whole path.
    The first signal asks the training to stop after its step; a second Ctrl-C leaves at once.
    """
    from kcnn.cli.progress import listener

    changes = changes or {}
    if taken := sorted(set(changes) & set(signature(verb).parameters)):
        raise InputError(f"{taken[0]}= is ambiguous: write its whole path, as in data.{taken[0]}=, or --{taken[0]}")
    stop = threading.Event()
    received: list[int] = []

    def ask(number: int, _frame: Any) -> None:
        if received and number == signal.SIGINT:
            raise KeyboardInterrupt
        received.append(number)
        stop.set()

    display = listener()
    before = {number: signal.signal(number, ask) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        return verb(*arguments, listener=display, stop=stop, **options, **changes)
    except InterruptedRun as interrupted:
        if signal.SIGINT in received:
            interrupted.exit_code = 130
        raise
    finally:
        display.close()
        for number, handler in before.items():
            signal.signal(number, handler)

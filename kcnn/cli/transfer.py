"""`kcnn transfer`."""

from typing import Any

import click

from kcnn.cli.output import json_option, print_json

weights_options = (
    click.option("--model", metavar="NAME", help="The network of a weight file whose name does not tell it."),
    click.option("--classes", type=click.IntRange(min=2), default=1000, show_default=True, help="Of a weight file."),
    click.option("--size", type=click.IntRange(min=1), help="Pixels a side; those of the weights unless given."),
)


def with_weights(command: Any) -> Any:
    """The options of every command that starts from weights."""
    for option in reversed(weights_options):
        command = option(command)
    return command


@click.command()
@click.argument("weights")
@click.argument("dataset")
@click.argument("overrides", nargs=-1, metavar="[KEY=VALUE]...")
@click.option("--scenario", type=click.IntRange(1, 4), help="Of the lecture; proposed from the data unless given.")
@click.option("--minutes", type=click.FloatRange(min=0, min_open=True), help="Train for about so long.")
@with_weights
@json_option
def transfer(
    weights: str,
    dataset: str,
    overrides: tuple[str, ...],
    scenario: int | None,
    minutes: float | None,
    model: str | None,
    classes: int,
    size: int | None,
    as_json: bool,
) -> None:
    """Train on DATASET from pretrained WEIGHTS, by the scenario that the data call for.

    WEIGHTS are a network's name (kcnn weights lists those at hand), run:ID, or a file.

    \b
    kcnn transfer efficientnet_lite0 ./photos
    kcnn transfer run:lenet5_digits tfds:mnist --scenario 2 epochs=3
    """
    from kcnn.cli.train import print_result, trained
    from kcnn.experiment import transfer as verbs
    from kcnn.recipes.overrides import parse

    made = trained(
        verbs.transfer,
        weights,
        dataset,
        scenario=scenario,
        model=model,
        classes=classes,
        size=size,
        minutes=minutes,
        changes=parse(overrides),
    )
    if as_json:
        print_json(made.to_json())
        return
    print_result(made.result)

"""`kcnn crossvalidate`."""

import click

from kcnn.cli.output import json_option


@click.command()
@click.argument("names", nargs=-1, metavar="RECIPE... [KEY=VALUE]...")
@click.option("--seeds", default=1, show_default=True, type=click.IntRange(min=1), help="How often for each fold.")
@click.option("--data", metavar="DATASET", help="A folder of images and masks, or texts, instead of the recipes'.")
@click.option("--resume", metavar="NAME", help="Go on with an interrupted one (`latest` for the newest).")
@json_option
def crossvalidate(names: tuple[str, ...], seeds: int, data: str | None, resume: str | None, as_json: bool) -> None:
    """Train each RECIPE once for every fold of its data, and tabulate mean and spread.

    \b
    kcnn crossvalidate unet_membranes fcn8s_membranes --data ./em_membranes
    kcnn crossvalidate text_cnn_polarity --data ./rotten_tomatoes --seeds 3
    """
    from kcnn.cli.repeat import run
    from kcnn.experiment import crossvalidate as verbs

    run("cross-validation", verbs.COMMAND, verbs.crossvalidate, names, seeds, data, resume, as_json)

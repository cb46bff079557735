"""`kcnn probe`."""

import click

from kcnn.cli.output import json_option, percent, print_json, print_table, say
from kcnn.cli.transfer import with_weights
from kcnn.experiment.probe import METHODS


@click.command()
@click.argument("weights")
@click.argument("dataset")
@click.option("--tap", "layers", multiple=True, metavar="LAYER", help="A layer to ask; all taps unless given.")
@click.option(
    "--method",
    "methods",
    multiple=True,
    default=("linear",),
    show_default=True,
    type=click.Choice(METHODS),
    help="How.",
)
@click.option("--per-class", type=click.IntRange(min=1), help="At most so many training images of each class.")
@click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True, help="Of the cross-validation.")
@with_weights
@json_option
def probe(
    weights: str,
    dataset: str,
    layers: tuple[str, ...],
    methods: tuple[str, ...],
    per_class: int | None,
    seed: int,
    model: str | None,
    classes: int,
    size: int | None,
    as_json: bool,
) -> None:
    """Ask the layers of pretrained WEIGHTS what they know of DATASET: a classifier on each, nothing else trained.

    linear is the least squares of a linear probe, logistic logistic regression, knn the nearest neighbours by cosine.
    What the layers answer is kept, so that a second probe of the same data takes seconds.
    """
    from kcnn.cli.progress import listener
    from kcnn.experiment.asked import ask
    from kcnn.experiment.probe import probe as verb

    watcher = listener()
    try:
        asked = ask(
            weights,
            dataset,
            layers=layers,
            size=size,
            model=model,
            classes=classes,
            per_class=per_class,
            listener=watcher,
        )
        probed = verb(asked, layers, methods, seed)
    finally:
        watcher.close()
    if as_json:
        print_json(probed.to_json())
        return
    shown = [
        [percent(value) if key.endswith("accuracy") else value for key, value in row.items()] for row in probed.rows
    ]
    columns = [key.removesuffix("_accuracy").replace("_", " ") for key in probed.rows[0]]
    print_table(columns, shown, title=probed.run)
    say(f"The figure is {probed.figure}")

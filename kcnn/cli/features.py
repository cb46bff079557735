"""`kcnn features`."""

from pathlib import Path

import click

from kcnn.cli.output import json_option, print_json, print_table, say
from kcnn.cli.transfer import with_weights


@click.command()
@click.argument("weights")
@click.argument("dataset")
@click.option("--tap", "layer", required=True, metavar="LAYER", help="Whose answers: stem, stage1…, features, pooled.")
@click.option("-o", "--output", required=True, type=click.Path(path_type=Path), help="The file, ending in .npz.")
@click.option("--per-class", type=click.IntRange(min=1), help="At most so many training images of each class.")
@with_weights
@json_option
def features(
    weights: str,
    dataset: str,
    layer: str,
    output: Path,
    per_class: int | None,
    model: str | None,
    classes: int,
    size: int | None,
    as_json: bool,
) -> None:
    """Write what a layer of pretrained WEIGHTS answers to every image of DATASET, maps as their mean.

    The file holds `train`, `train_labels` and so on, and `classes`: numpy.load reads it.
    """
    from kcnn.cli.progress import listener
    from kcnn.experiment import probe as verbs
    from kcnn.experiment.asked import ask

    verbs.check_output(output)
    watcher = listener()
    try:
        asked = ask(
            weights,
            dataset,
            layers=[layer],
            size=size,
            model=model,
            classes=classes,
            per_class=per_class,
            listener=watcher,
        )
        shapes = verbs.save_features(asked, layer, output)
    finally:
        watcher.close()
    if as_json:
        print_json({"path": str(output), "shapes": shapes})
        return
    print_table(("split", "images", "features"), [(split, *shape) for split, shape in shapes.items()])
    say(f"{output} has them")

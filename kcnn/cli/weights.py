"""`kcnn weights`."""

from pathlib import Path

import click

from kcnn.cli.output import json_option, percent, print_json, print_table, say


@click.command()
@click.argument("names", nargs=-1, metavar="[WEIGHTS]...")
@click.option(
    "--samples",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Measure on this folder of photographs, <index of ImageNet's class>_….jpg.",
)
@click.option("--model", metavar="NAME", help="The network of a weight file whose name does not tell it.")
@json_option
def weights(names: tuple[str, ...], samples: Path | None, model: str | None, as_json: bool) -> None:
    """List the pretrained weights at hand; with --samples, measure WEIGHTS (those of packages unless named).

    The accuracies of packages' weights were measured on 100 photographs of ImageNet, one for every tenth class.
    """
    from kcnn.cli.progress import listener
    from kcnn.errors import InputError
    from kcnn.experiment.weights import at_hand, measure

    rows = at_hand()
    if samples:
        watcher = listener()
        chosen = names or [row.address for row in rows if row.accuracy is not None and not row.missing]
        try:
            rows = [measure(name, samples, model=model, listener=watcher) for name in chosen]
        finally:
            watcher.close()
    elif names:
        raise InputError("name WEIGHTS together with --samples, the photographs to measure them on")
    if as_json:
        print_json({"weights": [row.to_json() for row in rows]})
        return
    table = [
        (
            row.address,
            row.model,
            "-" if row.megabytes is None else f"{row.megabytes:.1f} MB",
            f"{row.size} px" if row.size else "-",
            row.preprocessing or row.missing,
            percent(row.accuracy),
            row.licence or "-",
            row.origin,
        )
        for row in rows
    ]
    columns = ("weights", "network", "size", "images", "preprocessing", "ImageNet top-1", "licence", "origin")
    print_table(columns, table)
    say("Next: kcnn transfer WEIGHTS DATASET    kcnn probe WEIGHTS DATASET; files of torchvision or Keras do, too")

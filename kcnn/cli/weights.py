"""`kcnn weights`."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from kcnn.cli.output import json_option, percent, print_json, print_table, say

if TYPE_CHECKING:
    from kcnn.experiment.weights import AtHand


@click.command()
@click.argument("names", nargs=-1, metavar="[WEIGHTS]...")
@click.option(
    "--samples",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Measure on this folder of photographs, <index of ImageNet's class>_….jpg.",
)
@click.option("--model", metavar="NAME", help="The network of a weight file whose name does not tell it.")
@click.option("-n", "limit", default=20, show_default=True, type=click.IntRange(min=0), help="How many own runs.")
@json_option
def weights(names: tuple[str, ...], samples: Path | None, model: str | None, limit: int, as_json: bool) -> None:
    """List the pretrained weights at hand; with --samples, measure WEIGHTS (those of packages unless named).

    top-1 of packages' weights was measured on 100 photographs of ImageNet, one for every tenth class. Files of
    torchvision or keras.applications are weights, too: give their path where WEIGHTS are asked for.
    """
    from kcnn.cli.progress import listener
    from kcnn.errors import InputError
    from kcnn.experiment.weights import OWN, at_hand, measure

    rows = at_hand(limit=limit)
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
    published = [row for row in rows if row.origin != OWN]
    columns = ("weights", "size", "images", "preprocessing", "top-1", "licence", "origin")
    print_table(columns, [_published(row) for row in published])
    if own := [(row.address, row.model, _size(row), f"{row.size} px") for row in rows if row.origin == OWN]:
        print_table(("your runs", "network", "size", "images"), own)
    say("Next: kcnn transfer WEIGHTS DATASET    kcnn probe WEIGHTS DATASET")


def _published(row: "AtHand") -> tuple[str | None, ...]:
    images = f"{row.size} px" if row.size else "-"
    return (
        row.address,
        _size(row),
        images,
        row.preprocessing or row.missing,
        percent(row.accuracy),
        row.licence,
        row.origin,
    )


def _size(row: "AtHand") -> str:
    return "-" if row.megabytes is None else f"{row.megabytes:.1f} MB"

"""`kcnn show`."""

from collections.abc import Sequence
from typing import Any

import click

from kcnn.cli.output import json_option, print_json, print_table
from kcnn.errors import InputError


@click.command()
@click.argument("model")
@click.argument("options", nargs=-1, metavar="[KEY=VALUE]...")
@click.option(
    "--input",
    "shape",
    metavar="SIZE",
    help="Input size: 64x64x3 for images, 16x64x64x3 (frames first) for clips, 784x1 (steps x channels) for series, "
    "56 (words) for texts.",
)
@click.option("--classes", type=click.IntRange(min=1), help="How many classes, or numbers of a series' answer.")
@click.option("--layers", "every_layer", is_flag=True, help="A row a layer instead of a row a block.")
@json_option
def show(
    model: str, options: tuple[str, ...], shape: str | None, classes: int | None, every_layer: bool, as_json: bool
) -> None:
    """Print MODEL as its paper's table: output shape, parameters, multiply-adds, receptive field.

    \b
    kcnn show resnet50 like=torchvision
    kcnn show mobilenet_v2 width=0.5 small_stem=true --input 32x32x3
    kcnn show tcn levels=4 --input 784x1 --classes 10
    """
    from kcnn import models
    from kcnn.experiment import startup
    from kcnn.models.catalog import EXAMPLES
    from kcnn.recipes.overrides import parse

    row, chosen = models.variant(model), parse(options)
    size = None if shape is None else _shape(shape, row.axes)
    models.check(model, size, classes, chosen)
    startup.start()
    from kcnn.models.summary import summarise

    summary = summarise(models.build_without_weights(model, size, classes, **chosen))
    if as_json:
        totals = {"parameters": summary.trainable_parameters, "multiply_adds": summary.multiply_adds}
        print_json({"name": model, **totals, "blocks": _objects(summary.blocks), "layers": _objects(summary.rows)})
        return
    first, second, rows = ("layer", "kind", summary.rows) if every_layer else ("block", "made of", summary.blocks)
    columns = (first, second, "output", "parameters", "multiply-adds", "receptive field")
    example, _ = EXAMPLES[row.data]
    print_table(columns, (_cells(each, example) for each in rows), title=" ".join((model, *options)))
    click.echo(
        f"{summary.trainable_parameters:,} trainable parameters, {summary.non_trainable_parameters:,} others, "
        f"{summary.multiply_adds:,} multiply-adds {'an' if example == 'image' else 'a'} {example}"
    )


def _cells(row: Any, example: str) -> tuple[Any, ...]:
    field = example if row.receptive_field is None else row.receptive_field
    if row.frames is not None:
        pixels = "whole" if row.receptive_field is None else _counted(row.receptive_field, "pixel")
        field = f"{_counted(row.frames, 'frame')}, {pixels}"
    return row.name, row.kind, " x ".join(map(str, row.shape)), row.parameters, row.multiply_adds, field


def _counted(count: int, what: str) -> str:
    return f"{count} {what}" + "s" * (count != 1)


def _objects(rows: Any) -> list[dict[str, Any]]:
    return [
        {
            "name": row.name,
            "kind": row.kind,
            "output_shape": row.shape,
            "parameters": row.parameters,
            "multiply_adds": row.multiply_adds,
            "receptive_field": row.receptive_field,
            **({} if row.frames is None else {"frames": row.frames}),
        }
        for row in rows
    ]


_FORMS = {
    1: "WORDS, for example 56",
    2: "STEPSxCHANNELS, for example 784x1",
    3: "HxWxC, for example 64x64x3",
    4: "TxHxWxC, for example 16x64x64x3",
}


def _shape(text: str, axes: Sequence[str]) -> tuple[int, ...]:
    parts = text.lower().split("x")
    if len(parts) != len(axes) or not all(part.isascii() and part.isdigit() for part in parts):
        raise InputError(f"--input must be {_FORMS[len(axes)]}, got {text!r}")
    return tuple(map(int, parts))

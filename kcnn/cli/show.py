"""`kcnn show`."""

from typing import Any

import click

from kcnn.cli.output import json_option, print_json, print_table
from kcnn.errors import InputError


@click.command()
@click.argument("model")
@click.argument("options", nargs=-1, metavar="[KEY=VALUE]...")
@click.option("--input", "shape", metavar="HxWxC", help="Input size, for example 64x64x3.")
@click.option("--classes", type=click.IntRange(min=2), help="How many classes.")
@click.option("--layers", "every_layer", is_flag=True, help="A row a layer instead of a row a block.")
@json_option
def show(
    model: str, options: tuple[str, ...], shape: str | None, classes: int | None, every_layer: bool, as_json: bool
) -> None:
    """Print MODEL as its paper's table: output shape, parameters, multiply-adds, receptive field.

    \b
    kcnn show resnet50 like=torchvision
    kcnn show mobilenet_v2 width=0.5 small_stem=true --input 32x32x3
    """
    from kcnn import models
    from kcnn.experiment import startup
    from kcnn.recipes.overrides import parse

    size, chosen = _shape(shape), parse(options)
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
    print_table(columns, map(_cells, rows), title=" ".join((model, *options)))
    click.echo(
        f"{summary.trainable_parameters:,} trainable parameters, {summary.non_trainable_parameters:,} others, "
        f"{summary.multiply_adds:,} multiply-adds an image"
    )


def _cells(row: Any) -> tuple[Any, ...]:
    field = "image" if row.receptive_field is None else row.receptive_field
    return row.name, row.kind, " x ".join(map(str, row.shape)), row.parameters, row.multiply_adds, field


def _objects(rows: Any) -> list[dict[str, Any]]:
    return [
        {
            "name": row.name,
            "kind": row.kind,
            "output_shape": row.shape,
            "parameters": row.parameters,
            "multiply_adds": row.multiply_adds,
            "receptive_field": row.receptive_field,
        }
        for row in rows
    ]


def _shape(text: str | None) -> tuple[int, int, int] | None:
    if text is None:
        return None
    parts = text.lower().split("x")
    if len(parts) != 3 or not all(part.isascii() and part.isdigit() for part in parts):
        raise InputError(f"--input must be HxWxC, for example 64x64x3, got {text!r}")
    height, width, channels = map(int, parts)
    return height, width, channels

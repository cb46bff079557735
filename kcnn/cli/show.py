"""`kcnn show`."""

import click

from kcnn.cli.output import json_option, print_json, print_table
from kcnn.errors import InputError


@click.command()
@click.argument("model")
@click.option("--input", "shape", metavar="HxWxC", help="Input size, for example 64x64x3.")
@click.option("--classes", type=click.IntRange(min=2), help="How many classes.")
@json_option
def show(model: str, shape: str | None, classes: int | None, as_json: bool) -> None:
    """Print MODEL layer by layer: output shape, parameters, multiply-adds for one image."""
    from kcnn import models
    from kcnn.experiment import startup

    size = _shape(shape)
    models.check(model, size, classes, {})
    startup.start()
    from kcnn.models.summary import summarise

    summary = summarise(models.build(model, size, classes))
    if as_json:
        layers = [
            {
                "name": row.name,
                "kind": row.kind,
                "output_shape": row.shape,
                "parameters": row.parameters,
                "multiply_adds": row.multiply_adds,
            }
            for row in summary.rows
        ]
        totals = {"parameters": summary.trainable_parameters, "multiply_adds": summary.multiply_adds}
        print_json({"name": model, **totals, "layers": layers})
        return
    table = [
        (row.name, row.kind, " x ".join(map(str, row.shape)), row.parameters, row.multiply_adds) for row in summary.rows
    ]
    print_table(("layer", "kind", "output", "parameters", "multiply-adds"), table, title=model)
    click.echo(
        f"{summary.trainable_parameters:,} trainable parameters, {summary.non_trainable_parameters:,} others, "
        f"{summary.multiply_adds:,} multiply-adds an image"
    )


def _shape(text: str | None) -> tuple[int, int, int] | None:
    if text is None:
        return None
    parts = text.lower().split("x")
    if len(parts) != 3 or not all(part.isascii() and part.isdigit() for part in parts):
        raise InputError(f"--input must be HxWxC, for example 64x64x3, got {text!r}")
    height, width, channels = map(int, parts)
    return height, width, channels

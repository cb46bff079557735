"""`kcnn models`."""

from typing import Any

import click

from kcnn.cli.output import json_option, print_json, print_table
from kcnn.errors import unknown


@click.command()
@click.argument("family", required=False)
@json_option
def models(family: str | None, as_json: bool) -> None:
    """List the architectures that kcnn builds, or those of one FAMILY.

    "like" says whose form can be asked for beside the paper's: kcnn show resnet50 like=torchvision
    """
    from kcnn.models.catalog import CATALOG

    rows = list(CATALOG.values())
    families = {row.family for row in rows}
    if family and family not in families:
        raise unknown("family", family, families)
    rows = [row for row in rows if family in (None, row.family)]
    if as_json:
        print_json({"models": [_object(row) for row in rows]})
        return
    table = [
        (
            row.name,
            row.parameters,
            "x".join(map(str, row.input_shape)),
            "x".join(map(str, row.smallest)),
            ", ".join(row.libraries),
            ", ".join(row.own_options),
            row.citation,
        )
        for row in rows
    ]
    print_table(("model", "parameters", "input", "smallest", "like", "options", "paper"), table)


def _object(row: Any) -> dict[str, Any]:
    return {
        "name": row.name,
        "family": row.family,
        "task": row.task,
        "data": row.data,
        "parameters": row.parameters,
        "input_shape": row.input_shape,
        "smallest": row.smallest,
        "classes": row.classes,
        "options": row.options,
        "like": row.libraries,
        "paper": row.paper,
    }

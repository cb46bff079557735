"""`kcnn models`."""

import click

from kcnn.cli.output import json_option, print_json, print_table


@click.command()
@json_option
def models(as_json: bool) -> None:
    """List the architectures that kcnn builds."""
    from kcnn.models.catalog import CATALOG

    rows = list(CATALOG.values())
    if as_json:
        print_json(
            {
                "models": [
                    {
                        "name": row.name,
                        "family": row.family,
                        "parameters": row.parameters,
                        "input_shape": row.input_shape,
                        "smallest": row.smallest,
                        "classes": row.classes,
                        "options": row.options,
                        "paper": row.paper,
                    }
                    for row in rows
                ]
            }
        )
        return
    table = [
        (
            row.name,
            row.family,
            row.parameters,
            " x ".join(map(str, row.input_shape)),
            " x ".join(map(str, row.smallest)),
            row.paper,
        )
        for row in rows
    ]
    print_table(("model", "family", "parameters", "input", "smallest", "paper"), table)

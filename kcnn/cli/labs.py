"""`kcnn labs`."""

import click

from kcnn.cli.output import json_option, print_json, print_table, say


@click.command()
@json_option
def labs(as_json: bool) -> None:
    """List the claims of the lecture that can be tried, in its order."""
    from kcnn.labs.catalog import LABS

    if as_json:
        print_json({"labs": [vars(lab) for lab in LABS.values()]})
        return
    print_table(("lab", "page", "claim"), [(lab.name, lab.page, lab.claim) for lab in LABS.values()])
    say("kcnn lab NAME tries one, kcnn lab --all every one")

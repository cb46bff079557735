"""`kcnn recipes`."""

import click

from kcnn.cli.output import json_option, print_json, print_table


@click.group(invoke_without_command=True)
@json_option
@click.pass_context
def recipes(context: click.Context, as_json: bool) -> None:
    """List the recipes; `kcnn recipes show NAME` prints one."""
    if context.invoked_subcommand:
        return
    from kcnn.recipes import library

    rows = [(name, library.load(name), library.story(name).splitlines()[0]) for name in library.names()]
    if as_json:
        print_json({"recipes": [{"name": name, "about": about} for name, _, about in rows]})
        return
    table = [(name, recipe.model.name, recipe.data.source, recipe.train.epochs, about) for name, recipe, about in rows]
    print_table(("recipe", "model", "data", "epochs", "about"), table)


@recipes.command()
@click.argument("name")
@json_option
def show(name: str, as_json: bool) -> None:
    """Print the recipe NAME: its story, and every value with the key that changes it."""
    from kcnn.recipes import flatten, library, to_json

    recipe = library.load(name)
    if as_json:
        print_json(to_json(recipe))
        return
    click.echo(library.story(name) + "\n")
    for key, value in flatten(to_json(recipe)).items():
        click.echo(f"{key} = {'none' if value is None else value}")

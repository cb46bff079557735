"""`kcnn export`."""

import click

from kcnn.cli.output import exactness, json_option, print_json, say


@click.command()
@click.argument("run")
@click.option("--name", help="The name to serve it under; the recipe's unless given.")
@json_option
def export(run: str, name: str | None, as_json: bool) -> None:
    """Write the model of RUN (`latest`, or a comparison for the best of its runs) to saved_models/<name>/<version>/.

    Nothing is published unless the SavedModel answers as the run's model does on real examples.
    """
    from kcnn.experiment.export import export as publish

    made = publish(run, name=name)
    if as_json:
        print_json(made.to_json())
        return
    click.echo(f"{made.path}")
    say(f"It answers as the run's model does on {made.examples} real examples, {exactness(made.difference)}.")
    say("Next: kcnn serve")

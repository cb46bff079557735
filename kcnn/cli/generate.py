"""`kcnn generate`."""

from pathlib import Path

import click

from kcnn.cli.output import json_option, percent, print_json, print_table, say


@click.command()
@click.argument("run")
@click.option("-o", "--output", required=True, type=click.Path(path_type=Path), metavar="FILE", help="A .png to write.")
@click.option("--class", "labels", multiple=True, metavar="NAME", help="A class to draw, or several; else all.")
@click.option("-n", "--count", default=12, show_default=True, type=click.IntRange(min=1), help="Images of each class.")
@click.option("--seed", default=0, show_default=True, type=click.IntRange(min=0), help="Equal seeds, equal images.")
@click.option("--judge", metavar="RUN", help="A classifier's run that says what it takes the images for.")
@json_option
def generate(
    run: str, output: Path, labels: tuple[str, ...], count: int, seed: int, judge: str | None, as_json: bool
) -> None:
    """Draw new images from RUN, a dcgan or a vae (`latest` for the newest run), on one sheet.

    \b
    kcnn generate dcgan_mnist -o digits.png
    kcnn generate dcgan_mnist -o sevens.png --class 7 -n 24 --judge lenet5_mnist
    """
    from kcnn.experiment.generate import generate as draw

    made = draw(run, output, labels=labels, count=count, seed=seed, judge=judge)
    if as_json:
        print_json(made.to_json())
        return
    click.echo(f"{made.path}")
    say(f"{made.images} images by {made.run}")
    if made.by_class is not None:
        rows = [(name, percent(share)) for name, share in made.by_class.items()]
        print_table(("class", "recognised"), [*rows, ("all", percent(made.recognised))], title=f"by {made.judge}")

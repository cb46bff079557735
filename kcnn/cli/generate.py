"""`kcnn generate`."""

from pathlib import Path
from typing import Any

import click

from kcnn.cli.output import json_option, percent, print_json, print_table, say
from kcnn.errors import InputError


@click.command()
@click.argument("run")
@click.option(
    "-o", "--output", required=True, type=click.Path(path_type=Path), metavar="FILE", help="A .png or .wav to write."
)
@click.option("--class", "labels", multiple=True, metavar="NAME", help="A class to make, or several; else all.")
@click.option("-n", "--count", type=click.IntRange(min=1), help="Of each class: 12 images, a sound by each SPEAKER.")
@click.option("--seed", default=0, show_default=True, type=click.IntRange(min=0), help="Equal seeds, equal results.")
@click.option("--judge", metavar="RUN", help="A classifier's run that says what it takes them for.")
@click.option("--speaker", "speakers", multiple=True, metavar="SPEAKER", help="Who speaks, in turn; else all.")
@click.option(
    "--seconds", type=click.FloatRange(min=0, min_open=True), help="How long a sound is; else as the middle recording."
)
@click.option("--temperature", type=click.FloatRange(min=0, min_open=True), help="Below 1: likely samples likelier.")
@click.option("--like", type=click.Path(path_type=Path), metavar="FILE", help="A .wav to follow.")
@click.option("--overwrite", is_flag=True, help="Replace the file.")
@json_option
def generate(
    run: str,
    output: Path,
    labels: tuple[str, ...],
    count: int | None,
    seed: int,
    judge: str | None,
    speakers: tuple[str, ...],
    seconds: float | None,
    temperature: float | None,
    like: Path | None,
    overwrite: bool,
    as_json: bool,
) -> None:
    """Make new images or sounds from RUN: a dcgan, a vae or a wavenet (`latest` for the newest run).

    Images are on one sheet, a .png; sounds one after the other in one .wav.

    \b
    kcnn generate dcgan_mnist -o digits.png
    kcnn generate dcgan_mnist -o sevens.png --class 7 -n 24 --judge lenet5_mnist
    kcnn generate wavenet_digits -o seven.wav --class 7 --speaker theo
    kcnn generate wavenet_digits -o all.wav -n 10 --judge spectrogram_cnn_digits
    """
    from kcnn.experiment.generate import generate as draw
    from kcnn.experiment.generate_sounds import generate_sounds, of_recordings

    for_sounds: dict[str, Any] = {"speakers": speakers, "seconds": seconds, "temperature": temperature, "like": like}
    common: dict[str, Any] = {"labels": labels, "seed": seed, "judge": judge, "overwrite": overwrite}
    if of_recordings(run):
        sounded = generate_sounds(run, output, count=count, **common, **for_sounds)
        _show(sounded, f"{sounded.sounds} sounds of {sounded.seconds:.2f} s by {sounded.run}", as_json)
        return
    flags = {"--speaker": speakers, "--seconds": seconds, "--temperature": temperature, "--like": like}
    if given := [flag for flag, value in flags.items() if value]:
        raise InputError(f"{given[0]} is for sounds, and {run} makes none")
    made = draw(run, output, count=count or 12, **common)
    _show(made, f"{made.images} images by {made.run}", as_json)


def _show(made: Any, what: str, as_json: bool) -> None:
    """Where it is, what it is, and what a judge says."""
    if as_json:
        print_json(made.to_json())
        return
    click.echo(f"{made.path}")
    say(what)
    if made.by_class is not None:
        rows = [(name, percent(share)) for name, share in made.by_class.items()]
        print_table(("class", "recognised"), [*rows, ("all", percent(made.recognised))], title=f"by {made.judge}")

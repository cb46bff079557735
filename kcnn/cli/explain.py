"""`kcnn explain`."""

from pathlib import Path

import click

from kcnn.cli.output import duration, json_option, percent, print_json, say


@click.command()
@click.argument("run")
@click.argument("image", type=click.Path(path_type=Path))
@click.option("--tap", help="The layer for Grad-CAM and the deconvnet; the last with maps unless given.")
@click.option("--class", "label", metavar="NAME", help="The class to explain; the model's answer unless given.")
@click.option("-o", "--output", type=click.Path(path_type=Path), metavar="FILE", help="A .png to write the picture to.")
@json_option
def explain(run: str, image: Path, tap: str | None, label: str | None, output: Path | None, as_json: bool) -> None:
    """Draw what the model of RUN (`latest`, or a comparison for the best of its runs) looks at in IMAGE.

    The picture has the image beside saliency, SmoothGrad, Grad-CAM, occlusion, the deconvnet's projection, activation
    maximisation, the first kernels, the strongest feature maps, and how much shifts, turns and enlargement change. It
    is kept with the run, and shown by kcnn ui.

    \b
    kcnn explain latest photo.jpg
    kcnn explain resnet20_folder photo.jpg --class bees --tap stage2 -o bees.png
    """
    from kcnn.cli.progress import listener
    from kcnn.experiment.explain import explain as draw

    watcher = listener()
    try:
        made = draw(run, image, tap=tap, label=label, output=output, listener=watcher)
    finally:
        watcher.close()
    if as_json:
        print_json(made.to_json())
        return
    click.echo(f"{made.output or made.path}")
    say(f"{made.prediction} {percent(made.probability)}; {made.label} is explained ({duration(made.seconds)})")
    if made.left_out:
        say(f"Left out, for the model has none to look at: {', '.join(made.left_out)}")

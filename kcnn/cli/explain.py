"""`kcnn explain`."""

from pathlib import Path
from typing import Any

import click

from kcnn.cli.output import duration, json_option, percent, print_json, print_table, say
from kcnn.errors import InputError


@click.command()
@click.argument("run")
@click.argument("asked", metavar="IMAGE|TEXT|CLIP")
@click.option("--tap", help="The layer for Grad-CAM and the deconvnet; the last with maps unless given.")
@click.option("--class", "label", metavar="NAME", help="The class to explain; the model's answer unless given.")
@click.option("-o", "--output", type=click.Path(path_type=Path), metavar="FILE", help="A .png to write the picture to.")
@json_option
def explain(run: str, asked: str, tap: str | None, label: str | None, output: Path | None, as_json: bool) -> None:
    """Draw what the model of RUN (`latest`, or a comparison for the best of its runs) looks at in IMAGE, TEXT or CLIP.

    The picture of an image has it beside saliency, SmoothGrad, Grad-CAM, occlusion, the deconvnet's projection,
    activation maximisation, the first kernels, the strongest feature maps, and how much shifts, turns and enlargement
    change; that of a text has what each word speaks for; that of a clip, a file or a folder of frames,
    has saliency and Grad-CAM of every frame. It is kept with the run, and shown by kcnn ui.

    \b
    kcnn explain latest photo.jpg
    kcnn explain resnet20_folder photo.jpg --class bees --tap stage2 -o bees.png
    kcnn explain c3d_small_motions clip.gif --class left
    kcnn explain text_cnn_polarity "a gripping and moving film"
    """
    from kcnn.cli.progress import listener
    from kcnn.experiment.explain import explain as draw
    from kcnn.experiment.explain_clip import explain_clip
    from kcnn.experiment.explain_text import explain_text
    from kcnn.experiment.explained import kind_of

    kind = kind_of(run)
    if kind == "text" and tap:
        raise InputError("--tap is for images and clips: a text is explained by its words")
    watcher = listener()
    try:
        made: Any
        if kind == "text":
            made = explain_text(run, asked, label=label, output=output, listener=watcher)
        elif kind == "video":
            made = explain_clip(run, Path(asked), tap=tap, label=label, output=output, listener=watcher)
        else:
            made = draw(run, Path(asked), tap=tap, label=label, output=output, listener=watcher)
    finally:
        watcher.close()
    if as_json:
        print_json(made.to_json())
        return
    if kind == "text":
        print_table(("word", f"for {made.label}"), [(word, f"{value:+.3f}") for word, value in made.evidence])
    click.echo(f"{made.output or made.path}")
    say(f"{made.prediction} {percent(made.probability)}; {made.label} is explained ({duration(made.seconds)})")
    if kind == "text" and made.unknown:
        say(f"Unknown to the model: {', '.join(made.unknown)}")
    if kind == "images" and made.left_out:
        say(f"Left out, for the model has none to look at: {', '.join(made.left_out)}")

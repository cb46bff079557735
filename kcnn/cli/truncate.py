"""`kcnn truncate`."""

import click

from kcnn.cli.output import count, json_option, percent, print_json, print_table, say
from kcnn.cli.transfer import with_weights
from kcnn.errors import InputError


@click.command()
@click.argument("weights", required=False)
@click.argument("dataset", required=False)
@click.argument("overrides", nargs=-1, metavar="[KEY=VALUE]...")
@click.option("--tries", type=click.IntRange(min=1), default=3, show_default=True, help="How many cuts to fine-tune.")
@click.option(
    "--scenario",
    type=click.Choice(["2", "4"]),
    help="Whose plan fine-tunes: 2 similar, 4 different data; as they look unless given.",
)
@click.option("--resume", metavar="SEARCH", help="Go on with an interrupted one (`latest` for the newest).")
@with_weights
@json_option
def truncate(
    weights: str | None,
    dataset: str | None,
    overrides: tuple[str, ...],
    tries: int,
    scenario: str | None,
    resume: str | None,
    model: str | None,
    classes: int,
    size: int | None,
    as_json: bool,
) -> None:
    """Search where to cut pretrained WEIGHTS for DATASET: smaller, and no worse.

    A classifier is fitted on what every block answers; the best cuts, and the whole network, are fine-tuned alike.
    Of those that are no worse than the whole one on a held-out part of train, the smallest is the best. An interrupted
    search is gone on with by --resume.
    """
    from kcnn.cli.train import only_resume, trained
    from kcnn.experiment import truncate as verbs
    from kcnn.recipes.overrides import parse

    if resume is not None:
        only_resume("search")
        made = trained(verbs.resume, resume)
    elif weights is None or dataset is None:
        raise InputError("give WEIGHTS (kcnn weights lists them) and DATASET, or --resume SEARCH")
    else:
        made = trained(
            verbs.truncate,
            weights,
            dataset,
            tries=tries,
            scenario=int(scenario) if scenario else None,
            model=model,
            classes=classes,
            size=size,
            changes=parse(overrides),
        )
    if as_json:
        print_json(made.to_json())
        return
    rows = [
        (
            cut.layer + (" *" if cut == made.best else ""),
            cut.parameters,
            percent(cut.parameters / made.whole.parameters),
            count(cut.multiply_adds),
            percent(cut.probe),
            percent(cut.held_out),
            percent(cut.reported),
        )
        for cut in made.cuts
    ]
    columns = ("cut behind", "parameters", "kept", "multiply-adds", "probe", "held out", made.split)
    print_table(columns, rows, title=made.run)
    if made.best == made.whole:
        say("* no smaller network is as good on the part of train that is held out")
    else:
        say("* the smallest that is no worse than the whole network on the part of train that is held out")
    say(f"The figure is {made.figure}\nNext: kcnn export {made.best.run}    kcnn ui")

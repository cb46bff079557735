"""What a network reaches when it is cut behind each of its blocks, against what is left of it."""

from collections.abc import Mapping, Sequence
from typing import Any

from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter

from kcnn.plots.figure import BLUE, GREY, ORANGE, figure, logarithmic


def truncation(title: str, cuts: Sequence[Mapping[str, Any]], split: str) -> Figure:
    """`cuts` hold `layer`, `parameters`, `multiply_adds`, `probe`, and `held_out` and `reported` where fine-tuned."""
    made, axes = figure(11, 4.2, columns=2)
    made.suptitle(title, fontsize=11)
    tuned = [cut for cut in cuts if cut["held_out"] is not None]
    for each, cost in zip(axes, ("parameters", "multiply_adds"), strict=True):
        each.plot([cut[cost] for cut in cuts], [cut["probe"] for cut in cuts], "o-", color=GREY, label="probe of train")
        for key, colour, name in (("held_out", BLUE, "held out of train"), ("reported", ORANGE, split)):
            points = [(cut[cost], cut[key]) for cut in tuned]
            each.plot(*zip(*points, strict=True), "s", color=colour, label=f"fine-tuned, {name}")
        for cut in tuned:
            each.annotate(
                cut["layer"],
                (cut[cost], min(cut["held_out"], cut["reported"])),
                xytext=(0, -8),
                textcoords="offset points",
                rotation=90,
                ha="center",
                va="top",
                fontsize=7,
                color=GREY,
                parse_math=False,
            )
        logarithmic(each, [cut[cost] for cut in cuts])
        each.yaxis.set_major_formatter(PercentFormatter(1.0))
        each.set_xlabel(cost.replace("_", "-"))
        each.grid(alpha=0.25)
    axes[0].set_ylabel("accuracy")
    axes[0].legend(frameon=False, fontsize=8)
    return made

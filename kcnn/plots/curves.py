"""How a training went: loss, accuracy and learning rate by epoch."""

from collections.abc import Mapping, Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator, PercentFormatter

from kcnn.plots.figure import BLUE, GREY, ORANGE, figure

Epochs = Sequence[Mapping[str, float]]


SHARES = (
    "accuracy",
    "pixel_error",
    "iou",
    "dice",
    "rand_error",
    "best_rand_error",
    "real_probability",
    "fake_probability",
    "coverage_80",
    "coverage_95",
)
"""What is measured in 0..1."""

_COLUMNS = 3


def curves(history: Epochs, blind_loss: float | None = None) -> Figure:
    """`history` holds a mapping an epoch: `loss` and other measures, `val_...` where measured, `learning_rate`.

    `blind_loss` is what is reached without looking at the input.
    """
    apart = {"learning_rate", "images_per_second", "waiting"}
    known = dict.fromkeys(name.removeprefix("val_") for epoch in history for name in epoch if name not in apart)
    measures = sorted(known, key=lambda name: name != "loss")
    count = len(measures) + 1
    rows = -(-count // _COLUMNS)
    made, axes = figure(11, 3.3 * rows, rows, _COLUMNS)
    for each, name in zip(axes, measures, strict=False):
        _lines(each, history, {name: ("training", BLUE), f"val_{name}": ("held out", ORANGE)})
        each.set_title(name.replace("_", " "))
        if name in SHARES:
            each.yaxis.set_major_formatter(PercentFormatter(1.0))
    _mark(axes[0], history, blind_loss)
    axes[0].legend(frameon=False)
    _lines(axes[count - 1], history, {"learning_rate": ("learning rate", GREY)})
    axes[count - 1].set_title("learning rate")
    axes[count - 1].set_ylim(bottom=0)
    for each in axes[count:]:
        each.set_axis_off()
    return made


def _mark(axes: Axes, history: Epochs, blind_loss: float | None) -> None:
    """A line at the loss to be beaten; where it is beaten by far, in powers of ten."""
    if blind_loss is None:
        return
    axes.axhline(blind_loss, color=GREY, linestyle="--", label="blind to the input")
    losses = [epoch[name] for epoch in history for name in ("loss", "val_loss") if epoch.get(name, 0) > 0]
    if losses and min(losses) < blind_loss / 50:
        axes.set_yscale("log")


def _lines(axes: Axes, history: Epochs, lines: Mapping[str, tuple[str, str]]) -> None:
    marker = "o" if len(history) == 1 else None
    for key, (label, colour) in lines.items():
        points = [(index + 1, epoch[key]) for index, epoch in enumerate(history) if key in epoch]
        if points:
            axes.plot(*zip(*points, strict=True), label=label, color=colour, marker=marker)
    axes.set_xlabel("epoch")
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    if len(history) == 1:
        axes.set_xticks([1])
    axes.grid(alpha=0.25)

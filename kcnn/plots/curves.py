"""How a training went: loss, accuracy and learning rate by epoch."""

from collections.abc import Mapping, Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator, PercentFormatter

from kcnn.plots.figure import BLUE, GREY, ORANGE, figure

Epochs = Sequence[Mapping[str, float]]


def curves(history: Epochs) -> Figure:
    """`history` holds a mapping an epoch: `loss`, `accuracy`, `learning_rate`, and `val_…` where measured."""
    made, (loss, accuracy, rate) = figure(11, 3.3, columns=3)
    _lines(loss, history, {"loss": ("training", BLUE), "val_loss": ("held out", ORANGE)})
    loss.set_title("loss")
    loss.legend(frameon=False)
    _lines(accuracy, history, {"accuracy": ("training", BLUE), "val_accuracy": ("held out", ORANGE)})
    accuracy.set_title("accuracy")
    accuracy.yaxis.set_major_formatter(PercentFormatter(1.0))
    _lines(rate, history, {"learning_rate": ("learning rate", GREY)})
    rate.set_title("learning rate")
    rate.set_ylim(bottom=0)
    return made


def _lines(axes: Axes, history: Epochs, lines: Mapping[str, tuple[str, str]]) -> None:
    marker = "o" if len(history) == 1 else None
    for key, (label, colour) in lines.items():
        points = [(index + 1, epoch[key]) for index, epoch in enumerate(history) if key in epoch]
        if points:
            axes.plot(*zip(*points, strict=True), label=label, color=colour, marker=marker)
    axes.set_xlabel("epoch")
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.grid(alpha=0.25)

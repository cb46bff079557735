"""Compact networks are as good as a heavy one, with a fraction of its multiply-adds: so their papers, not so here.

SqueezeNet (Iandola et al. 2016, table 2), MobileNetV2 (Sandler et al. 2018, table 4), ShuffleNetV2 (Ma et al. 2018,
table 8) and EfficientNet-B0 (Tan and Le 2019, table 2) learn digits beside ResNet-18, for as many epochs. The papers
train on the 1.28 million images of ImageNet for hundreds of epochs.
"""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from kcnn.labs.contest import contest
from kcnn.labs.lab import Outcome
from kcnn.labs.training import digits
from kcnn.models import build
from kcnn.plots.panels import Bars, Curves, Points, panels
from kcnn.recipes.optimize import Adam

IMAGE, EPOCHS, FULL_EPOCHS = 32, 6, 12
ADAM = Adam(lr=5e-3)  # for each network better than 2e-3 on a quarter of train that was held out, 6 epochs, one seed
HEAVY = "resnet18"
COMPACT = ("squeezenet1_1", "mobilenet_v2", "shufflenet_v2_x1_0", "efficientnet_b0")
OPTIONS: Mapping[str, Mapping[str, Any]] = {
    # Normalised, as the others are; the paper's is not.
    "squeezenet1_1": {"norm": "batch"},
    # The papers' momentum of the statistics is for trainings of days: they would lag behind here.
    "mobilenet_v2": {"like": "torchvision"},
    "efficientnet_b0": {"like": "torchvision"},
}


def measure(
    full: bool = False,
    compact: Sequence[str] = COMPACT,
    heavy: str = HEAVY,
    epochs: int | None = None,
    seeds: Sequence[int] = (0,),
) -> Outcome:
    """Let all networks learn the digits; hold each compact one against the heavy one."""
    epochs = epochs or (FULL_EPOCHS if full else EPOCHS)
    makers = {name: partial(build, name, (IMAGE, IMAGE, 1), 10, **OPTIONS.get(name, {})) for name in (*compact, heavy)}
    found = contest(makers, digits(factor=4), epochs, seeds, optimizer=ADAM)
    largest = found[heavy]
    numbers: dict[str, float] = {}
    for name, each in found.items():
        numbers |= {
            f"multiply_adds_{name}": each.multiply_adds,
            f"parameters_{name}": each.parameters,
            f"accuracy_{name}": each.accuracy,
        }
    holds = largest.accuracy > 0.9 and all(
        found[name].multiply_adds < largest.multiply_adds / 4 and found[name].accuracy > largest.accuracy - 0.02
        for name in compact
    )
    row = [
        Bars({name: each.multiply_adds for name, each in found.items()}, "multiply-adds for an image"),
        Points(
            {name: (each.multiply_adds, each.accuracy) for name, each in found.items()},
            "test accuracy on digits",
            "multiply-adds for an image",
        ),
        Curves(
            range(1, epochs + 1),
            {name: each.loss for name, each in found.items()},
            "loss on the training images",
            "epoch",
            log="y",
        ),
    ]
    return Outcome(holds, numbers, panels([row], width=4.6, height=3.6))

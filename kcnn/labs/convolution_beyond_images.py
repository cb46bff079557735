"""Convolution suits whatever has an order or neighbours: as Bai, Kolter, Koltun 2018, table 1, found of sequences.

A convolutional network of each kind of data stands beside an LSTM that has as many weights, not counting the vectors of
words, pools what it answers over time in the same way, and learns the same examples for as long: sentences on films,
spoken digits, digits pixel by pixel, clips of moving shapes. Sentences and sounds do not come with kcnn. They are
measured where KCNN_DATA names the folder that has them: in `rotten_tomatoes` a file a class, in `tfds` the dataset
`spoken_digit` as TensorFlow Datasets prepares it.
"""

import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from kcnn.data.source import Source
from kcnn.labs.kinds import KINDS, Kind, convolutional, read, recurrent, size, there
from kcnn.labs.lab import Outcome
from kcnn.labs.training import ADAM, COSINE, learned, seed_weights
from kcnn.plots.panels import Bars, panels
from kcnn.recipes import Recipe
from kcnn.recipes.train import Train

MARGIN = 0.03
"""What is no difference between two networks of small sets."""

LEARNED = 0.1
"""So much above chance is more than nothing."""

NETWORKS = ("convolution", "lstm")


def measure(full: bool = False, kinds: Sequence[str] | None = None, swapped: bool = False) -> Outcome:
    """Train both networks on every kind of data that is there; `swapped` takes each for the other."""
    folder = Path(os.environ["KCNN_DATA"]) if os.environ.get("KCNN_DATA") else None
    missing = [name for name, kind in KINDS.items() if not there(kind, folder)]
    kinds = kinds or [name for name in KINDS if name not in missing]
    numbers: dict[str, float] = {}
    row: list[Bars] = []
    holds = True
    for name in kinds:
        kind = KINDS[name]
        source = read(kind.data, folder or Path())
        pairs = [compared(kind, source, seed) for seed in range(3 if full else 1)]
        weights, shares = np.array(pairs).transpose(1, 2, 0)  # (networks, seeds) each
        for network, count, found in zip(NETWORKS, weights, shares, strict=True):
            numbers[f"weights_{name}_{network}"] = int(count[0])
            numbers[f"accuracy_{name}_{network}"] = float(found.mean())
            if full:
                numbers[f"deviation_{name}_{network}"] = float(found.std(ddof=1))
        bars = dict(zip((kind.model.name, "lstm"), shares.mean(1).tolist(), strict=True))
        row.append(Bars(bars, f"{name}: {kind.what}", "test accuracy", ".1%", f"{weights[0, 0]:,.0f} weights each"))
        convolution, other = shares.mean(1)[::-1] if swapped else shares.mean(1)
        holds &= bool(convolution > other - MARGIN and convolution > 1 / len(source.classes) + LEARNED)
    note = f"{' and '.join(missing)} need {'their data in ' if folder else ''}KCNN_DATA" if missing else ""
    if note:
        row[0] = replace(row[0], caption=f"{row[0].caption}; {note}")
    return Outcome(holds, numbers, panels([row[:2], row[2:]] if row[2:] else [row], width=4.4, height=2.4), note)


def compared(kind: Kind, source: Source[Any, Any], seed: int) -> tuple[list[int], list[float]]:
    """The weights of both networks, and the share that each names rightly."""
    train = Train(epochs=kind.epochs, batch_size=32, seed=seed, clip_norm=1.0)
    recipe = Recipe(name="lab", data=kind.data, model=kind.model, optimizer=ADAM, schedule=COSINE, train=train)
    seed_weights(seed)
    convolution = convolutional(kind, source)
    seed_weights(seed)
    lstm = recurrent(kind, source, size(convolution))
    both = (convolution, lstm)
    return [size(model) for model in both], [learned(model, recipe, source) for model in both]

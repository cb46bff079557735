"""What a threshold makes of the membranes of neurons, measured as the networks are, fold by fold.

    .venv/bin/python -m benchmarks.otsu_membranes $KCNN_DATA/em_membranes

Every slice is cut at its own threshold (Otsu 1979): what is brighter is taken for cell. Nothing is learned.
"""

import statistics
import sys
from dataclasses import replace

import numpy as np

from kcnn.data import address
from kcnn.evaluation import segmentation
from kcnn.evaluation.confusion import confusion
from kcnn.evaluation.rand_error import RandError
from kcnn.filters.threshold import otsu
from kcnn.recipes import load

FOLDS = 5


def main(stack: str) -> None:
    found = [measured(stack, fold) for fold in range(FOLDS)]
    for name in found[0]:
        values = [one[name] for one in found]
        each = ", ".join(f"{100 * value:.2f}" for value in values)
        print(f"{name:12} {100 * statistics.mean(values):6.2f} ± {100 * statistics.stdev(values):.2f} %   ({each})")


def measured(stack: str, fold: int) -> dict[str, float]:
    """Of one fold, by name."""
    test = address.load(replace(load("unet_membranes").masks, source=stack, fold=fold)).splits["test"]
    counts, rand = np.zeros((2, 2), np.int64), RandError(thresholds=(0.5,))
    for index in range(len(test)):
        image, truth = test.image(index)[..., 0], test.mask(index)
        answer = image > otsu(image)
        counts += confusion(truth.ravel(), answer.ravel(), 2)
        rand.add(truth, answer.astype(float))
    return {
        "pixel_error": segmentation.pixel_error(counts),
        "iou": segmentation.mean(segmentation.iou(counts)),
        "dice": segmentation.mean(segmentation.dice(counts)),
        "rand_error": rand.best,
    }


if __name__ == "__main__":
    main(*sys.argv[1:])

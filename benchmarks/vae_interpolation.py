"""Whether the way between two images is smooth, and leads through images.

    .venv/bin/python -m benchmarks.vae_interpolation VAE_RUN CLASSIFIER_RUN

Between the codes of 200 pairs of test images, twelve steps each: the largest step from one image to the next, as a
share of the whole way (an even way has 1/12 = 8.3 %, a jump 100 %), and how sure the classifier is of the image in the
middle, beside the mean of the two images' pixels.
"""

import sys

import numpy as np
import tensorflow as tf

from kcnn.data import address
from kcnn.experiment import folder, makers, startup, trained
from kcnn.workspace import Workspace

PAIRS, STEPS = 200, 13
"""Images on each way: twelve steps, both ends included."""


def main(vae: str, classifier: str) -> None:
    startup.start()
    found = folder.find(Workspace(), vae)
    run, judge = trained.load(found), trained.load(folder.find_best(Workspace(), classifier))
    maker = makers.Reconstructor(run.model, run.preprocessing)
    test = address.load(found.recipe().images, pixels=run.preprocessing.pixels).splits["test"].some(2 * PAIRS)
    images = test.images(np.arange(2 * PAIRS))
    images = images[np.random.default_rng(0).permutation(2 * PAIRS)]
    first, last = np.split(maker.encoded(images), 2)
    ways = np.stack([maker.decoded(makers.straight(a, b, STEPS)) for a, b in zip(first, last, strict=True)]).astype(
        float
    )
    steps = np.sqrt(((ways[:, 1:] - ways[:, :-1]) ** 2).sum((2, 3, 4)))
    shares = steps.max(1) / steps.sum(1)
    print(f"largest step: median {np.median(shares):.1%} of the way, at most {shares.max():.1%}")

    ends = np.split(images, 2)
    blends = np.round((ends[0].astype(float) + ends[1]) / 2).astype(np.uint8)
    middles = np.round(ways[:, STEPS // 2]).astype(np.uint8)
    for name, shown in (("middle of the way", middles), ("mean of the pixels", blends), ("test image", images)):
        print(f"{name}: the classifier's probability of what it names is {sureness(judge, shown):.1%} on average")


def sureness(judge: trained.Trained, images: np.ndarray) -> float:
    """The mean probability of the class that is named."""
    seen = judge.preprocessing.standardize(judge.preprocessing.fitted(tf.constant(images)))
    return float(tf.reduce_max(tf.nn.softmax(judge.model.predict(seen, verbose=0)), -1).numpy().mean())


if __name__ == "__main__":
    main(*sys.argv[1:])

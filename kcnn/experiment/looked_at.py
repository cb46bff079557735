"""What a trained network looks at in some clips of a split: the sheets that a run keeps. Imported after TensorFlow."""

from collections.abc import Sequence

import keras
import numpy as np
from scipy.special import softmax

from kcnn.data.stretches import VideoExamples
from kcnn.explain.network import array, logits
from kcnn.explain.saliency import saliency
from kcnn.plots.figure import Figure
from kcnn.plots.videos import Watched, contact_sheet

LOOKED_AT = 64
"""Among how many clips those are looked for that are named rightly, and wrongly."""

EACH = 3
"""How many of either are drawn."""

FRAMES = 8
"""How many frames of each clip are drawn: one row."""


def looked_at(
    model: keras.Model, examples: VideoExamples, classes: Sequence[str], batch: int = 16
) -> dict[str, Figure]:
    """Sheets of clips that are named rightly, and wrongly, by the name of the figure; none where there are none.

    They are the first among `LOOKED_AT` that are evenly spread; saliency is that of the answer. `batch` clips are in
    memory at once.
    """
    examples = examples.some(LOOKED_AT)
    order = np.arange(len(examples))
    shares = np.concatenate([_shares(model, examples, some) for some in np.split(order, order[batch::batch])])
    right = shares.argmax(-1) == examples.truth(order)
    made = {}
    for name, title, which in (("clips_right", "Named rightly", right), ("clips_wrong", "Named wrongly", ~right)):
        shown = [_watched(model, examples, index, shares[index], classes) for index in order[which][:EACH]]
        if shown:
            made[name] = contact_sheet(shown, title, FRAMES)
    return made


def _shares(model: keras.Model, examples: VideoExamples, some: np.ndarray) -> np.ndarray:
    """The probability of each class (len(some), classes)."""
    answering = keras.Model(model.input, logits(model))
    seen = examples.preparation.standardize(examples.inputs(some))
    return softmax(array(answering(seen, training=False)), axis=-1)


def _watched(
    model: keras.Model, examples: VideoExamples, index: int, shares: np.ndarray, classes: Sequence[str]
) -> Watched:
    """A clip with its truth, the answer, and the saliency of the answer."""
    place = np.array([index])
    frames, (truth,) = examples.inputs(place), examples.truth(place)
    answer = int(shares.argmax())
    look = saliency(model, examples.preparation.standardize(frames).numpy(), [answer])[0]
    caption = f"truth {classes[truth]}, answer {classes[answer]} {shares[answer]:.1%}"
    return Watched(caption, frames[0], look, right=bool(truth == answer), rate=examples.preparation.rate)

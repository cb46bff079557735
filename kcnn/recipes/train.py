"""How long and on what terms a run trains."""

from typing import Literal

from kcnn.recipes.spec import Count, Fraction, Positive, PositiveFloat, record


@record
class Train:
    """The training plan.

    `steps` ends the training early, in the middle of an epoch if need be. `patience` stops after so many epochs
    without a better validation loss, or accuracy with `best_by="accuracy"`, and keeps the best weights; None trains to
    the end and keeps the last.
    `label_smoothing` of a classifier is spread over all classes; a DCGAN's discriminator wants so much less than 1 of
    real images. `rubbish` is the constant j of LeCun et al. 1998, equation 9, for models that answer distances.
    `deterministic` makes the whole run repeatable to the bit on one machine, at some speed.
    """

    epochs: Positive = 10
    steps: Positive | None = None
    batch_size: Positive = 128
    seed: Count = 0
    patience: Positive | None = None
    best_by: Literal["loss", "accuracy"] = "loss"
    precision: Literal["float32", "mixed_bfloat16", "mixed_float16"] = "float32"
    deterministic: bool = False
    label_smoothing: Fraction = 0.0
    rubbish: PositiveFloat | None = None
    clip_norm: PositiveFloat | None = None

"""Starting from weights that were trained on something else: what is kept of a network, and what of it learns."""

from typing import Annotated, Literal

from pydantic import Field

from kcnn.recipes.spec import Count, Fraction, Positive, record

Scenario = Annotated[int, Field(ge=1, le=4, strict=True)]
"""Of the lecture: 1 small and similar, 2 large and similar, 3 small and different, 4 large and different data."""


@record
class Transfer:
    """The weights that a network starts from, and the plan.

    `weights` is a variant's name (those that a package ships), `run:ID`, or a file, whose classifier has `classes`
    classes; where `sha256` is given, other contents are refused.

    The network is kept up to and with the layer `cut`; a new head follows: the mean over places, `dropout`, a dense
    layer. Fitted, it starts as the logistic regression on what the kept layers answer (Kumar et al. 2022), which is
    the head's warm-up and, where all else is frozen, the whole training; random, it may have `head_epochs` to itself.

    Layers up to and with `frozen` never learn, and their normalisation keeps its statistics. The others begin, from
    the top, a stage more every `thaw_epochs` (0: all at once). Each stage learns at `rate_decay` times the rate of the
    one above it (Howard and Ruder 2018, 3.2 and 3.3: discriminative fine-tuning, gradual unfreezing). Batch statistics
    that learn keep at most the share `norm_momentum` of what they were at each step: the 0.99 and more of long
    trainings would still hold those of the old data when a short one on different data ends.
    """

    weights: Annotated[str, Field(min_length=1)]
    sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")] | None = None
    classes: Positive = 1000
    scenario: Scenario | None = None
    cut: Annotated[str, Field(min_length=1)] = "pooled"
    frozen: Annotated[str, Field(min_length=1)] | None = None
    head: Literal["fitted", "random"] = "fitted"
    dropout: Fraction = 0.0
    head_epochs: Count = 0
    thaw_epochs: Count = 0
    rate_decay: Annotated[float, Field(gt=0, le=1)] = 1.0
    norm_momentum: Fraction | None = None

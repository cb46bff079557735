"""Which sequences of numbers a run uses, and what is asked of them."""

from typing import Annotated, Literal

from pydantic import Field

from kcnn.recipes.spec import Count, Fraction, Positive, record

Question = Literal["classification", "regression", "labelling", "prediction"]
"""A class or numbers for a whole series, a class for each of its steps, or the next step from those before it."""


KEY = "series"
"""The column that names a row's series, unless another is named."""


@record
class Series:
    """Sequences of numbers. `source` is `adding` or `copy` (problems that are generated), `tfds:NAME` (its images, read
    a pixel a step), a `.mat` of piano rolls with its own splits, a `.csv`, or a folder of `train.csv` with `test.csv`,
    `val.csv` or both.

    `task` says what is asked: classification and regression of a whole series, which is brought to `length` steps
    (None: those of the longest in train), a shorter one beginning with nothing, of a longer one the last steps being
    seen; labelling of every step; prediction of every step of 0s and 1s from those before it, whatever the length.

    Of the generated problems there are `examples` for training and a tenth as many as `test`. `length` is their T: the
    steps of the adding problem, or the blanks that a copy has to be kept over (Bai et al. 2018, section 4).
    `permuted` reads the pixels in an order that is drawn once.

    A `.csv` has a header. `layout="long"`: a row a step; `key` is the column that names a row's series, `target` that
    of what is asked, all others are channels. A file without a column `series` is one series where every step is
    answered and no other `key` is named. `layout="wide"`: a row a series of one channel, its steps all columns but
    `target`; it may end early.

    Nothing is in a cell that is empty, NA, nan, null or none, in any case; no class can be called so. Where a value is
    missing, `gaps` refuses it, holds the one before, or takes it for the mean; where a name or an answer is, the series
    cannot be used. `validation`, `split_seed` and `bad_files` (here: bad series) are as in `Images`.
    """

    kind: Literal["series"] = "series"
    source: Annotated[str, Field(min_length=1)]
    task: Question
    length: Positive | None = None
    examples: Positive = 50_000
    permuted: bool = False
    layout: Literal["long", "wide"] = "long"
    key: Annotated[str, Field(min_length=1)] = KEY
    target: Annotated[str, Field(min_length=1)] = "label"
    gaps: Literal["refuse", "hold", "mean"] = "refuse"
    validation: Fraction = 0.1
    split_seed: Count = 0
    bad_files: Literal["refuse", "skip"] = "refuse"

    @property
    def whole(self) -> bool:
        """Whether a series is answered as a whole."""
        return self.task in ("classification", "regression")

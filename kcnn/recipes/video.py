"""Which clips a run learns from, and what of them a network sees."""

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, ValidationInfo, field_validator

from kcnn.recipes.data import Fit
from kcnn.recipes.spec import Count, Fraction, Positive, PositiveFloat, record

GENERATED = ("motions", "shapes")
"""The sources that are generated."""

CLASSES, FRAMES, SIDE = 10, 16, 32
"""How many classes each of them has, frames a clip, and pixels a side."""

EXAMPLES = 2000
"""How many clips are generated, unless the user says otherwise."""

FILMED = 64
"""Pixels a side that clips of one's own are brought to, where a recipe is for those that are generated."""

Size = Annotated[
    tuple[Positive, Positive], BeforeValidator(lambda size: (size, size) if isinstance(size, int) else size)
]
"""Height and width in pixels; one number is both."""


@record
class Video:
    """Labelled clips. `source` is `motions` or `shapes`, which are generated, or a folder of `<class>/*` or
    `{train,val[,test]}/<class>/*`, where a clip is a file (GIF, MP4, MOV, AVI, MKV, WebM) or a folder of its frames
    (PNG, JPEG, BMP, in the order of their names, numbers by their value).

    A network sees `frames` frames, `rate` of them a second (None: every frame there is; a folder of frames has no
    times, and each of them is seen). At each moment it sees what is shown then, however long each frame is shown.
    Of a longer clip training sees a stretch that is drawn anew in every epoch, an evaluation the middle one; a shorter
    clip goes on with its last frame, and one of a single frame stands still.

    `size` and `channels` are those of the network; None takes the frames as they are, which must then have one size,
    and 3 channels of files: a batch of large ones takes much memory. `fit` is as in `Images`.

    `motions` are shapes on a torus that shift, turn, grow or shrink, and the class is what they do; `shapes` do the
    same, and the class is what they are: `examples` clips of 16 frames of 32 x 32 pixels, drawn with `split_seed`.
    A fifth of what comes in one piece is `test`; `validation`, `split_seed` and `bad_files` are as in `Images`.
    """

    kind: Literal["video"] = "video"
    source: Annotated[str, Field(min_length=1)]
    frames: Positive = 16
    rate: PositiveFloat | None = None
    size: Size | None = None
    channels: Literal[1, 3] | None = None
    fit: Fit = "cover"
    examples: Positive = EXAMPLES
    validation: Fraction = 0.1
    split_seed: Count = 0
    bad_files: Literal["refuse", "skip"] = "refuse"

    @property
    def colours(self) -> int:
        """The channels that a network sees."""
        return self.channels or (1 if self.source in GENERATED else 3)

    @field_validator("rate")
    @classmethod
    def _of_files(cls, rate: float | None, info: ValidationInfo) -> float | None:
        if rate is not None and info.data.get("source") in GENERATED:
            raise ValueError("left out where clips are generated: their frames have no times")
        return rate

    @field_validator("examples")
    @classmethod
    def _generated(cls, examples: int, info: ValidationInfo) -> int:
        if examples != EXAMPLES and info.data.get("source") not in GENERATED:
            raise ValueError("left out where clips are files: all of them are read")
        return examples

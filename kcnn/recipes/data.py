"""Which data a run uses, and how an image is brought to the network's size."""

from typing import Annotated, Literal

from pydantic import Field

from kcnn.recipes.spec import Count, Fraction, Positive, PositiveFloat, record

Fit = Literal["cover", "pad", "stretch"]
"""How an image of another size is fitted: `cover` scales the short side and crops the centre, `pad` centres it
on black (scaling down only if it is too large), `stretch` scales both sides."""

Interpolation = Literal["bilinear", "bicubic"]
"""What resizes an image, with antialiasing."""


@record
class Pixels:
    """How the images that a network learned from were presented, for networks whose weights come from elsewhere.

    `mean` and `std` are a value a channel, of pixels in 0..1, red first; with `order="bgr"` blue comes first in the
    network. Of the short side of a photograph `cover` keeps the share `crop`.
    """

    mean: tuple[float, ...]
    std: tuple[PositiveFloat, ...]
    order: Literal["rgb", "bgr"] = "rgb"
    interpolation: Interpolation = "bilinear"
    crop: Annotated[float, Field(gt=0, le=1)] = 1.0


@record
class Images:
    """Labelled images. `source` is `digits`, `tfds:NAME`, or a folder of `<class>/*` or `{train,val[,test]}/<class>/*`.

    `size` (pixels a side) and `channels` are those of the network; None takes the images as they are.
    `per_class` keeps at most so many training images of each class. `validation` is the share of train that is held
    out for every choice. Both are drawn with `split_seed`.
    """

    kind: Literal["images"] = "images"
    source: Annotated[str, Field(min_length=1)]
    size: Positive | None = None
    channels: Literal[1, 3] | None = None
    fit: Fit = "cover"
    per_class: Positive | None = None
    validation: Fraction = 0.1
    split_seed: Count = 0
    bad_files: Literal["refuse", "skip"] = "refuse"

"""Which data a run uses, and how an image is brought to the network's size."""

from typing import Annotated, Literal

from pydantic import Field

from kcnn.recipes.spec import Count, Fraction, Positive, record

Fit = Literal["cover", "pad", "stretch"]
"""How an image of another size is fitted: `cover` scales the short side and crops the centre, `pad` centres it
on black (scaling down only if it is too large), `stretch` scales both sides."""


@record
class Images:
    """Labelled images. `source` is `digits`, `tfds:NAME`, or a folder of `<class>/*` or `{train,val[,test]}/<class>/*`.

    `size` (pixels a side) and `channels` are those of the network; None takes the images as they are.
    `validation` is the share of train that is held out for every choice, drawn with `split_seed`.
    """

    kind: Literal["images"] = "images"
    source: Annotated[str, Field(min_length=1)]
    size: Positive | None = None
    channels: Literal[1, 3] | None = None
    fit: Fit = "cover"
    validation: Fraction = 0.1
    split_seed: Count = 0
    bad_files: Literal["refuse", "skip"] = "refuse"

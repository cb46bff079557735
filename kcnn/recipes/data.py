"""Which data a run uses, and how an image is brought to the network's size."""

from typing import Annotated, Literal

from pydantic import Field, ValidationInfo, field_validator

from kcnn.recipes.spec import Count, Fold, Folds, Fraction, NonNegativeFloat, Positive, PositiveFloat, record

Fit = Literal["cover", "pad", "stretch"]
"""How an image of another size is fitted: `cover` scales the short side and crops the centre, `pad` centres it
on black (scaling down only if it is too large), `stretch` scales both sides."""

Interpolation = Literal["bilinear", "bicubic"]
"""What resizes an image, with antialiasing."""

MaskValue = Annotated[int, Field(ge=0, lt=2**16, strict=True)]
"""The value of a pixel in a mask."""


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


@record
class Masks:
    """Images with a class for every pixel. `source` is a folder of `image/` and `label/`, or of these below
    `train/`, `val/` and `test/`; an image and its mask have the same name up to the suffix.

    The network sees square tiles of `size` pixels a side: `crops` random ones of every training image in an epoch, and
    all that cover an image where it is answered as a whole, of whose answers `overlap` pixels at each side are left
    unused. `channels` are those of the network; None takes the first image's.

    `values` are what stands for each class in a mask (None: the values in the masks of train, with folds in those of
    all, ascending), `classes` their names (None: the values as text). Pixels of the value `ignore` are not counted. The
    first class is the ground: borders and the Rand error take the others for cells.

    With `folds` the images, in the order of their names, are cut into so many runs, of which number `fold` is `test`:
    neighbours in a stack resemble each other, and a random draw would put them on both sides. `validation`,
    `split_seed` and `bad_files` are as in `Images`.

    A pixel's loss weighs w_c + w_0 exp(-(d1 + d2)^2 / (2 sigma^2)) (Ronneberger et al. 2015, equation 2): w_0 is
    `border_weight`, sigma `border_sigma` (pixels); w_c is 1, or, `balanced`, in inverse proportion to the class's share
    of train, with mean 1.
    """

    kind: Literal["masks"] = "masks"
    source: Annotated[str, Field(min_length=1)]
    size: Positive = 256
    channels: Literal[1, 3] | None = None
    classes: tuple[str, ...] | None = None
    values: tuple[MaskValue, ...] | None = None
    ignore: MaskValue | None = None
    crops: Positive = 1
    overlap: Count = 16
    folds: Folds | None = None
    fold: Fold = 0
    border_weight: NonNegativeFloat = 0.0
    border_sigma: PositiveFloat = 5.0
    balanced: bool = False
    validation: Fraction = 0.1
    split_seed: Count = 0
    bad_files: Literal["refuse", "skip"] = "refuse"

    @field_validator("classes", "values")
    @classmethod
    def _different(cls, given: tuple[str | int, ...] | None) -> tuple[str | int, ...] | None:
        if given is not None and (len(given) < 2 or len(set(given)) < len(given)):
            raise ValueError("two or more, all different")
        return given

    @field_validator("values")
    @classmethod
    def _as_many_as_classes(cls, values: tuple[int, ...] | None, info: ValidationInfo) -> tuple[int, ...] | None:
        classes = info.data.get("classes")
        if values and classes and len(values) != len(classes):
            raise ValueError(f"as many as data.classes, which are {len(classes)}")
        return values

    @field_validator("ignore")
    @classmethod
    def _no_class(cls, ignore: int | None, info: ValidationInfo) -> int | None:
        if ignore is not None and ignore in (info.data.get("values") or ()):
            raise ValueError("none of data.values")
        return ignore

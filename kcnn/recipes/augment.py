"""What is done to training images; lengths are fractions of the image's side unless they say pixels."""

from typing import Annotated, Literal

from pydantic import Field

from kcnn.recipes.spec import Fraction, NonNegativeFloat, Positive, PositiveFloat, Probability, record


@record
class PadCrop:
    """Pad every side by `pixels` of black and crop a random window of the old size (He et al. 2015, 4.2)."""

    kind: Literal["pad_crop"] = "pad_crop"
    pixels: Positive = 4


@record
class Flip:
    """Mirror left and right."""

    kind: Literal["flip"] = "flip"
    probability: Probability = 0.5


@record
class Affine:
    """Shift, rotate (degrees), scale and shear (degrees), each uniform in ± its value (Simard et al. 2003)."""

    kind: Literal["affine"] = "affine"
    shift: Fraction = 0.0
    rotate: NonNegativeFloat = 0.0
    scale: Fraction = 0.0
    shear: NonNegativeFloat = 0.0
    probability: Probability = 1.0


@record
class ColorJitter:
    """Change brightness, contrast and saturation by a factor in 1 ± the value, hue by ± the value."""

    kind: Literal["color_jitter"] = "color_jitter"
    brightness: Fraction = 0.2
    contrast: Fraction = 0.2
    saturation: Fraction = 0.2
    hue: Annotated[float, Field(ge=0, le=0.5)] = 0.0
    probability: Probability = 1.0


@record
class Erase:
    """Set one random square of `side` to black (DeVries and Taylor 2017, Cutout)."""

    kind: Literal["erase"] = "erase"
    side: Annotated[float, Field(gt=0, le=1)] = 0.25
    probability: Probability = 1.0


@record
class Elastic:
    """Bend an image smoothly: Gaussian displacements of `sigma` pixels at the nodes of a coarse `grid` x `grid`,
    bicubically interpolated between them (Ronneberger et al. 2015, 3.1). What lies outside is mirrored.
    """

    kind: Literal["elastic"] = "elastic"
    sigma: PositiveFloat = 10.0
    grid: Positive = 3
    probability: Probability = 1.0


@record
class Dihedral:
    """One of the eight turns and mirrorings of a square, all as likely: for images that have no upright."""

    kind: Literal["dihedral"] = "dihedral"


Transform = Annotated[PadCrop | Flip | Affine | ColorJitter | Erase | Elastic | Dihedral, Field(discriminator="kind")]

"""The middle frame alone on clips whose class is a motion: it must not know more than chance (Karpathy et al. 2014).

    kcnn train single_frame_motions

All else as in `c3d_small_motions`.
"""

from dataclasses import replace

from kcnn.recipes.library.c3d_small_motions import recipe as c3d_small_motions
from kcnn.recipes.model import Model

recipe = replace(
    c3d_small_motions,
    name="single_frame_motions",
    model=Model(name="single_frame", options={"width": 0.125, "units": 128, "small_stem": True}),
)

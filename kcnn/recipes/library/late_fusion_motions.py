"""The first and the last frame, which meet in the first dense layer, on clips of moving shapes (Karpathy et al. 2014).

    kcnn train late_fusion_motions

All else as in `c3d_small_motions`.
"""

from dataclasses import replace

from kcnn.recipes.library.c3d_small_motions import recipe as c3d_small_motions
from kcnn.recipes.model import Model

recipe = replace(
    c3d_small_motions,
    name="late_fusion_motions",
    model=Model(name="late_fusion", options={"width": 0.125, "units": 128, "small_stem": True}),
)

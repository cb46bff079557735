"""Grey, gradients and optical flow, then the first 3-D network for actions, on clips of moving shapes (Ji et al. 2013).

    kcnn train ji2013_motions

All else as in `c3d_small_motions`.
"""

from dataclasses import replace

from kcnn.recipes.library.c3d_small_motions import recipe as c3d_small_motions
from kcnn.recipes.model import Model

recipe = replace(
    c3d_small_motions,
    name="ji2013_motions",
    model=Model(name="ji2013"),
)

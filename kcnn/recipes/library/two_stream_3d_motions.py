"""The whole clip and the part of it that moves, in two streams, on clips of moving shapes.

    kcnn train two_stream_3d_motions

All else as in `c3d_small_motions`.
"""

from dataclasses import replace

from kcnn.recipes.library.c3d_small_motions import recipe as c3d_small_motions
from kcnn.recipes.model import Model

recipe = replace(
    c3d_small_motions,
    name="two_stream_3d_motions",
    model=Model(name="two_stream_3d"),
)

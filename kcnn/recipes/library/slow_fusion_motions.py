"""Frames joined over three convolutions, on clips of moving shapes (Karpathy et al. 2014).

    kcnn train slow_fusion_motions

All else as in `c3d_small_motions`.

Accuracy on test 82.5 ± 2.5 %, and 76.3 ± 2.0 % with data.source=shapes, where the class is what moves (measured here,
mean and standard deviation of three seeds; chance is 10 %), in 3 min 13 s on a core of an AMD EPYC, beside other work.
"""

from dataclasses import replace

from kcnn.recipes.library.c3d_small_motions import recipe as c3d_small_motions
from kcnn.recipes.model import Model

recipe = replace(
    c3d_small_motions,
    name="slow_fusion_motions",
    model=Model(name="slow_fusion", options={"width": 0.125, "units": 128, "small_stem": True}),
)

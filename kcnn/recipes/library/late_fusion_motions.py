"""The first and the last frame, which meet in the first dense layer, on clips of moving shapes (Karpathy et al. 2014).

    kcnn train late_fusion_motions

All else as in `c3d_small_motions`.

Accuracy on test 27.5 ± 1.8 %, and 71.5 ± 2.4 % with data.source=shapes, where the class is what moves (measured here,
mean and standard deviation of three seeds; chance is 10 %), in 1 min 27 s on a core of an AMD EPYC, beside other work.
"""

from dataclasses import replace

from kcnn.recipes.library.c3d_small_motions import recipe as c3d_small_motions
from kcnn.recipes.model import Model

recipe = replace(
    c3d_small_motions,
    name="late_fusion_motions",
    model=Model(name="late_fusion", options={"width": 0.125, "units": 128, "small_stem": True}),
)

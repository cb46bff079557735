"""The middle frame alone on clips whose class is a motion: it must not know more than chance (Karpathy et al. 2014).

    kcnn train single_frame_motions

All else as in `c3d_small_motions`.

Accuracy on test 9.9 ± 1.8 %, and 90.7 ± 1.3 % with data.source=shapes, where the class is what moves (measured here,
mean and standard deviation of three seeds; chance is 10 %), in 45 s on a core of an AMD EPYC, beside other work.
"""

from dataclasses import replace

from kcnn.recipes.library.c3d_small_motions import recipe as c3d_small_motions
from kcnn.recipes.model import Model

recipe = replace(
    c3d_small_motions,
    name="single_frame_motions",
    model=Model(name="single_frame", options={"width": 0.125, "units": 128, "small_stem": True}),
)

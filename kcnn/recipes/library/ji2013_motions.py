"""Grey, gradients and optical flow, then the first 3-D network for actions, on clips of moving shapes (Ji et al. 2013).

    kcnn train ji2013_motions

All else as in `c3d_small_motions`.

Accuracy on test 56.3 ± 2.3 %, and 49.1 ± 3.6 % with data.source=shapes (measured here, mean and standard deviation of
three seeds; chance is 10 %), in 11 min 19 s on a core of an AMD EPYC, beside other work.
"""

from dataclasses import replace

from kcnn.recipes.library.c3d_small_motions import recipe as c3d_small_motions
from kcnn.recipes.model import Model

recipe = replace(
    c3d_small_motions,
    name="ji2013_motions",
    model=Model(name="ji2013"),
)

"""FCN-8s on ResNet-18 on the membranes of neurons, all else as in `unet_membranes`.

    kcnn crossvalidate fcn8s_membranes --data PATH

10.71 ± 0.77 % pixel error over the five folds, trained in 11 min 15 s on 2 cores of an AMD EPYC (measured here, partly
beside other work).
"""

from dataclasses import replace

from kcnn.recipes.library.unet_membranes import recipe as unet_membranes
from kcnn.recipes.model import Model

recipe = replace(
    unet_membranes,
    name="fcn8s_membranes",
    model=Model(
        name="fcn8s",
        options={"backbone": "resnet18"},
    ),
)

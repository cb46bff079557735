"""ResNet-20 on CIFAR-10 as in He et al. 2015, section 4.2: 64,000 updates, pad 4, crop and flip.

    kcnn train resnet20_cifar10

Paper: 8.75 % test error. On 2 cores of an AMD EPYC it would take about four hours: 618 images/s over one minute
(measured here by `kcnn train resnet20_cifar10 --minutes 1`); it has not been trained to its end here. With epochs=30 it
reaches 85.00 % on a re-encoding of CIFAR-10 as JPEG, and plain20_cifar10 83.39 % (measured here, docs/results.md).
"""

from kcnn.recipes.augment import Flip, PadCrop
from kcnn.recipes.data import Images
from kcnn.recipes.model import Model
from kcnn.recipes.optimize import Sgd, Steps
from kcnn.recipes.recipe import Recipe
from kcnn.recipes.train import Train

recipe = Recipe(
    name="resnet20_cifar10",
    data=Images(source="tfds:cifar10"),
    model=Model(name="resnet20_cifar"),
    augment=(PadCrop(pixels=4), Flip()),
    optimizer=Sgd(lr=0.1, momentum=0.9, weight_decay=1e-4),
    schedule=Steps(at=(0.5, 0.75), factor=0.1),
    train=Train(epochs=182, steps=64_000, batch_size=128),
)

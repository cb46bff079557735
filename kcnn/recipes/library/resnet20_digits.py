"""ResNet-20 with option-A shortcuts on scikit-learn's digits, at 16 x 16 pixels.

    kcnn train resnet20_digits

99.2 % test accuracy after 16 s on 2 cores of an AMD EPYC (measured here).
"""

from dataclasses import replace

from kcnn.recipes.library.lenet5_digits import recipe as lenet5
from kcnn.recipes.model import Model
from kcnn.recipes.optimize import Cosine, Sgd
from kcnn.recipes.train import Train

recipe = replace(
    lenet5,
    name="resnet20_digits",
    data=replace(lenet5.images, size=16),
    model=Model(name="resnet20_cifar"),
    optimizer=Sgd(lr=0.1, momentum=0.9, weight_decay=1e-4),
    schedule=Cosine(warmup_epochs=1),
    train=Train(epochs=20, batch_size=64),
)

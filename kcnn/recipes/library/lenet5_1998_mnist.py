"""LeNet-5 as published (LeCun et al. 1998, section II.B) on MNIST.

kcnn train lenet5_1998_mnist
"""

from dataclasses import replace

from kcnn.recipes.library.lenet5_mnist import recipe as lenet5
from kcnn.recipes.model import Model
from kcnn.recipes.optimize import Adam
from kcnn.recipes.train import Train

recipe = replace(
    lenet5,
    name="lenet5_1998_mnist",
    model=Model(name="lenet5_1998"),
    optimizer=Adam(lr=1e-3),
    train=Train(epochs=20, batch_size=32, rubbish=15.0),
)

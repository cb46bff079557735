"""LeNet-5 as published (LeCun et al. 1998, section II.B) on MNIST.

kcnn train lenet5_1998_mnist
"""

from dataclasses import replace

from kcnn.recipes.library.lenet5_mnist import recipe as lenet5
from kcnn.recipes.model import Model

recipe = replace(lenet5, name="lenet5_1998_mnist", model=Model(name="lenet5_1998"))

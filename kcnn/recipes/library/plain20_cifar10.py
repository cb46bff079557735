"""ResNet-20 without its shortcuts on CIFAR-10, trained as ResNet-20 is: He et al. 2015, section 4.2 and figure 6.

    kcnn train plain20_cifar10
    kcnn compare resnet20_cifar10 plain20_cifar10 epochs=30

The paper gives the plain networks as curves alone: plain-20 ends near 9 % test error, and deeper ones are worse.
"""

from dataclasses import replace

from kcnn.recipes.library.resnet20_cifar10 import recipe as resnet20
from kcnn.recipes.model import Model

recipe = replace(resnet20, name="plain20_cifar10", model=Model(name="plain20_cifar"))

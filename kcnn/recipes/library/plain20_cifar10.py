"""ResNet-20 without its shortcuts on CIFAR-10, trained as ResNet-20 is: He et al. 2015, section 4.2 and figure 6.

    kcnn train plain20_cifar10
    kcnn compare resnet20_cifar10 plain20_cifar10 epochs=30

The paper gives the plain networks as curves alone (figure 6): deeper ones are worse. After 30 epochs it reaches 83.39 %
on a re-encoding of CIFAR-10 as JPEG, ResNet-20 85.00 % (measured here, docs/results.md).
"""

from dataclasses import replace

from kcnn.recipes.library.resnet20_cifar10 import recipe as resnet20
from kcnn.recipes.model import Model

recipe = replace(resnet20, name="plain20_cifar10", model=Model(name="plain20_cifar"))

"""LeNet-5 as taught today on the 1,797 digits that scikit-learn ships.

    kcnn train lenet5_digits

99.4 % test accuracy after 6 s on 2 cores of an AMD EPYC (measured here).
"""

from kcnn.recipes.augment import Affine
from kcnn.recipes.data import Images
from kcnn.recipes.model import Model
from kcnn.recipes.optimize import Adam, Cosine
from kcnn.recipes.recipe import Recipe
from kcnn.recipes.train import Train

recipe = Recipe(
    name="lenet5_digits",
    data=Images(source="digits", size=32),
    model=Model(name="lenet5"),
    augment=(Affine(shift=0.1, rotate=10, scale=0.1),),
    optimizer=Adam(lr=2e-3),
    schedule=Cosine(),
    train=Train(epochs=30, batch_size=64),
)

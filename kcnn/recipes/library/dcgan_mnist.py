"""A DCGAN that draws the digit it is told, from MNIST."""

from kcnn.recipes.data import Images
from kcnn.recipes.model import Model
from kcnn.recipes.optimize import Adam, Constant
from kcnn.recipes.recipe import Recipe
from kcnn.recipes.train import Train

recipe = Recipe(
    name="dcgan_mnist",
    data=Images(source="tfds:mnist", size=32, fit="pad"),
    model=Model(name="dcgan", options={"base": 32, "kernel": 4}),
    optimizer=Adam(lr=2e-4, beta_1=0.5),
    schedule=Constant(),
    train=Train(epochs=12, batch_size=128),
)

"""A U-Net with 16 maps at its first level on the membranes of neurons (ISBI 2012)."""

from kcnn.recipes.augment import Dihedral, Elastic
from kcnn.recipes.data import Masks
from kcnn.recipes.model import Model
from kcnn.recipes.optimize import Adam, Cosine
from kcnn.recipes.recipe import Recipe
from kcnn.recipes.train import Train

recipe = Recipe(
    name="unet_membranes",
    data=Masks(
        source="./em_membranes",
        size=256,
        classes=("membrane", "cell"),
        values=(0, 255),
        crops=8,
        overlap=16,
        folds=5,
        border_weight=0.0,
    ),
    model=Model(name="unet", options={"base": 16, "padding": "same"}),
    augment=(Dihedral(), Elastic()),
    optimizer=Adam(lr=1e-3),
    schedule=Cosine(warmup_epochs=0.5),
    train=Train(epochs=4, batch_size=4),
)

"""A TCN on chorales of J. S. Bach: which keys sound next. Its settings are the paper's (Bai et al. 2018, table 2)."""

from kcnn.recipes.model import Model
from kcnn.recipes.optimize import Adam, Cosine
from kcnn.recipes.recipe import Recipe
from kcnn.recipes.series import Series
from kcnn.recipes.train import Train

recipe = Recipe(
    name="tcn_jsb",
    data=Series(source="./JSB_Chorales.mat", task="prediction"),
    model=Model(name="tcn", options={"filters": 150, "levels": 2, "kernel": 3, "dropout": 0.5}),
    optimizer=Adam(lr=1e-3),
    schedule=Cosine(),
    train=Train(epochs=100, batch_size=4, clip_norm=0.4, patience=20),
)

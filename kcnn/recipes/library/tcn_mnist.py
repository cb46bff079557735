"""A TCN on sequential MNIST: a digit is read pixel by pixel. Its network is the paper's (Bai et al. 2018, table 2).

    kcnn train tcn_mnist

Accuracy 98.86 % (measured here, the mean of three seeds; paper 99.0 %, of an LSTM 87.2 %) in 12 min on a core of an AMD
EPYC, beside other work.
"""

from kcnn.recipes.model import Model
from kcnn.recipes.optimize import Adam, Cosine
from kcnn.recipes.recipe import Recipe
from kcnn.recipes.series import Series
from kcnn.recipes.train import Train

recipe = Recipe(
    name="tcn_mnist",
    data=Series(source="tfds:mnist", task="classification"),
    model=Model(name="tcn", options={"filters": 25, "levels": 8, "kernel": 7}),
    optimizer=Adam(lr=2e-3),
    schedule=Cosine(),
    train=Train(epochs=10, batch_size=64),
)

"""A conditional WaveNet on eight exchange rates, each forecast with the others as conditions (Borovykh et al. 2017).

kcnn train conditional_wavenet_exchange --data PATH/exchange_rate.txt.gz
"""

from kcnn.recipes.forecast import Forecast
from kcnn.recipes.model import Model
from kcnn.recipes.optimize import Adam, Cosine
from kcnn.recipes.recipe import Recipe
from kcnn.recipes.train import Train

recipe = Recipe(
    name="conditional_wavenet_exchange",
    data=Forecast(source="./exchange_rate.txt.gz", changes="log"),
    model=Model(name="conditional_wavenet", options={"filters": 16, "levels": 4}),
    optimizer=Adam(lr=1e-2, l2=0.03),
    schedule=Cosine(),
    train=Train(epochs=120, batch_size=4),
)

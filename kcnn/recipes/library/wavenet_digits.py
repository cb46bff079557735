"""WaveNet on spoken digits, told which digit it is and who speaks (van den Oord et al. 2016): each sample from 384 ms.

kcnn train wavenet_digits
kcnn generate wavenet_digits -o seven.wav --class 7 --speaker theo
"""

from kcnn.recipes.audio import Audio
from kcnn.recipes.model import Model
from kcnn.recipes.optimize import AdamW, Cosine
from kcnn.recipes.recipe import Recipe
from kcnn.recipes.train import Train

recipe = Recipe(
    name="wavenet_digits",
    data=Audio(source="tfds:spoken_digit", task="autoregression", test="first", conditions=("class", "speaker")),
    model=Model(name="wavenet"),
    optimizer=AdamW(lr=1e-3, weight_decay=0.01),
    schedule=Cosine(warmup_epochs=1),
    train=Train(epochs=20, batch_size=8, clip_norm=1.0),
)

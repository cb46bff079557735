"""A small convolutional network on log-mel spectrograms of spoken digits (Free Spoken Digit Dataset, six speakers).

    kcnn train spectrogram_cnn_digits
    kcnn train spectrogram_cnn_digits data.test=speakers 'data.speakers=["theo"]'

The first command is the standard split, recordings 0 to 4 of each digit and speaker as test: 100.0 % measured here,
three seeds, in 1 min 27 s on 2 cores of an AMD EPYC. The second holds a speaker out: 90.7 ± 3.0 % over the six of them.
`TFDS_DATA_DIR` names the folder of prepared data.
"""

from kcnn.recipes.audio import Audio
from kcnn.recipes.model import Model
from kcnn.recipes.optimize import AdamW, Cosine
from kcnn.recipes.recipe import Recipe
from kcnn.recipes.train import Train

recipe = Recipe(
    name="spectrogram_cnn_digits",
    data=Audio(source="tfds:spoken_digit", test="first"),
    model=Model(name="spectrogram_cnn"),
    optimizer=AdamW(lr=2e-3, weight_decay=0.01),
    schedule=Cosine(warmup_epochs=1),
    train=Train(epochs=20, batch_size=32),
)

"""An LSTM of WaveNet's size on spoken digits: 151 units have about as many weights. All else as in `wavenet_digits`.

kcnn train wave_lstm_digits
"""

from dataclasses import replace

from kcnn.recipes.library.wavenet_digits import recipe as wavenet_digits
from kcnn.recipes.model import Model

recipe = replace(wavenet_digits, name="wave_lstm_digits", model=Model(name="wave_lstm", options={"units": 151}))

"""An LSTM of the WaveNet's size on eight exchange rates. All else as in `conditional_wavenet_exchange`.

kcnn train lstm_exchange --data PATH/exchange_rate.txt.gz
"""

from dataclasses import replace

from kcnn.recipes.library.conditional_wavenet_exchange import recipe as wavenet
from kcnn.recipes.model import Model

recipe = replace(wavenet, name="lstm_exchange", model=Model(name="lstm", options={"units": 62}))

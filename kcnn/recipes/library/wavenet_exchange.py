"""The unconditional WaveNet on eight exchange rates: each forecast from itself alone. All else as in the conditional.

kcnn train wavenet_exchange --data PATH/exchange_rate.txt.gz
"""

from dataclasses import replace

from kcnn.recipes.library.conditional_wavenet_exchange import recipe as conditional
from kcnn.recipes.model import Model

options = {**conditional.model.options, "conditional": False}
recipe = replace(conditional, name="wavenet_exchange", model=Model(name="conditional_wavenet", options=options))

"""A TCN on folk tunes: which keys sound next. Its network is the paper's (Bai et al. 2018, table 2).

    kcnn train tcn_nottingham --data PATH/Nottingham.mat

Minus the log-likelihood of a step: 3.13 nats (measured here, the mean of three seeds; paper 3.07, of an LSTM 3.29) in
28 min on a core of an AMD EPYC, beside other work.
"""

from dataclasses import replace

from kcnn.recipes.library.tcn_jsb import recipe as tcn_jsb
from kcnn.recipes.model import Model
from kcnn.recipes.series import Series
from kcnn.recipes.train import Train

recipe = replace(
    tcn_jsb,
    name="tcn_nottingham",
    data=Series(source="./Nottingham.mat", task="prediction"),
    model=Model(name="tcn", options={"filters": 150, "levels": 4, "kernel": 6, "dropout": 0.2, "like": "locuslab"}),
    train=Train(epochs=40, batch_size=8, clip_norm=0.4, patience=10),
)

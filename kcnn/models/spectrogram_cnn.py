"""A small convolutional network on the log-mel spectrogram of a sound, which it computes itself."""

from collections.abc import Callable, Sequence

import keras
from keras import layers

from kcnn.errors import InputError
from kcnn.layers import LogMel
from kcnn.layers.block import conv
from kcnn.models.parts import mean_classifier, norm_choice, rescaled, tap
from kcnn.recipes.audio import hop


def spectrogram_cnn(
    input_shape: Sequence[int | None],
    classes: int,
    name: str,
    *,
    rate: int = 8000,
    bins: int = 40,
    filters: int = 16,
    norm: str | None = "batch",
    dropout: float = 0.3,
) -> keras.Model:
    """Waveforms (N, samples), at `rate` a second, full scale being 1, to logits (N, classes).

    A spectrogram is an image: `bins` energies every 10 ms, brought to a usual range, then 3x3 convolutions as in VGG
    with `filters`, 2, 4 and 8 times as many, each pair but the last followed by a halving (Simonyan and Zisserman 2015
    on the front end of Hershey et al. 2017; the sizes are kcnn's). The mean over time and pitch is what is classified.

    Taps: `stem`, the spectrogram; `stage1` to `stage4`; `features`; `pooled`; `logits`.
    Raises InputError where three halvings would leave nothing of the samples.
    """
    choice, step = norm_choice(norm), hop(rate)
    if input_shape[0] is not None and input_shape[0] <= 7 * step:
        raise InputError(f"{name} needs at least {7 * step + 1} samples at {rate} a second, got {input_shape[0]}")
    waveform = layers.Input(input_shape, name="waveform")  # (8000,)
    x = LogMel(rate, bins, step, name="log_mel")(waveform)  # (100, 40)
    x = rescaled(x, name="standardised")
    x = tap(layers.Reshape((-1, bins, 1), name="image")(x), "stem")  # (100, 40, 1)
    for stage, width in enumerate((filters, 2 * filters, 4 * filters, 8 * filters), 1):
        for block in (1, 2):
            x = conv(x, width, 3, name=f"stage{stage}_block{block}", norm=choice)
        if stage < 4:
            x = layers.MaxPooling2D(2, name=f"stage{stage}_pool")(x)  # (50, 20, 16), (25, 10, 32), (12, 5, 64)
        x = tap(x, f"stage{stage}")
    return keras.Model(waveform, mean_classifier(x, classes, dropout), name=name)


BUILDERS: dict[str, Callable[..., keras.Model]] = {"spectrogram_cnn": spectrogram_cnn}

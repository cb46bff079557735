"""A small network of 3-D convolutions in the manner of C3D.

Tran, Bourdev, Fergus, Torresani, Paluri 2015, figure 3.
"""

from collections.abc import Callable, Sequence

import keras
from keras import layers

from kcnn.layers.block import conv_3d
from kcnn.models.parts import mean_classifier, norm_choice, tap


def c3d_small(
    input_shape: Sequence[int],
    classes: int,
    name: str,
    *,
    filters: int = 16,
    norm: str = "batch",
    dropout: float = 0.0,
) -> keras.Model:
    """Clips (N, T, H, W, C) to logits (N, classes).

    From C3D are the kernels, 3x3x3 in every layer, the doubling of the maps and the pooling, which leaves time alone
    at first and halves it with the picture then. It has 4 layers for C3D's 8, of `filters`, 2, 4 and 4 times as many
    maps for 64 to 512; the mean over time and picture is what is classified, where C3D has two layers of 4096 units.
    So it suits clips of 16 frames of 32x32. C3D is older than batch normalisation, which is here by default: a network
    for a few thousand clips is to be trained within minutes.

    Taps: `stem`; `stage1` to `stage3`; `features`; `pooled`; `logits`.
    """
    choice = norm_choice(norm)
    clip = layers.Input(input_shape, name="clip")  # (16, 32, 32, 1)
    x = conv_3d(clip, filters, 3, norm=choice, name="stem")
    x = tap(layers.MaxPooling3D((1, 2, 2), name="stem_pool")(x), "stem")  # (16, 16, 16, 16)
    for stage, width in enumerate((2 * filters, 4 * filters, 4 * filters), 1):
        x = conv_3d(x, width, 3, norm=choice, name=f"stage{stage}_block1")
        if stage < 3:
            x = layers.MaxPooling3D(2, name=f"stage{stage}_pool")(x)  # (8, 8, 8, 32), (4, 4, 4, 64)
        x = tap(x, f"stage{stage}")
    return keras.Model(clip, mean_classifier(x, classes, dropout), name=name)


BUILDERS: dict[str, Callable[..., keras.Model]] = {"c3d_small": c3d_small}

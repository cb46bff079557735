"""What has to be done after weights have been set from outside."""

import keras


def refresh(model: keras.Model) -> None:
    """Let layers take up weights that they keep a second copy of: Keras's Normalization computes with a copy."""
    for layer in model.layers:
        if isinstance(layer, keras.layers.Normalization):
            layer.finalize_state()

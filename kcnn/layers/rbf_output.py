"""The output layer of LeNet-5: the distance to one fixed picture a class."""

from collections.abc import Sequence
from typing import Any

import keras
import numpy as np
from keras import ops

from kcnn.errors import InputError
from kcnn.seeds import generator


def random_codes(classes: int, length: int, seed: int = 0) -> np.ndarray:
    """Codes of +-1, (classes, length), drawn with equal chances: the paper's alternative to pictures.

    The same arguments give the same codes. The code of a class depends on how many classes there are.
    """
    return generator(seed, classes, length).choice([-1, 1], size=(classes, length))


@keras.saving.register_keras_serializable(package="kcnn")
class RBFOutput(keras.layers.Layer):
    """Minus the squared Euclidean distance to each class's code: -sum_j (x_j - w_ij)^2.

    The paper's units answer the distance y_i, and the smallest wins; this layer answers -y_i, so that the
    largest wins and the result serves as logits. Softmax cross-entropy on -y_i is then the paper's
    discriminative criterion (equation 9) without its "rubbish" class. The codes are fixed, not trained.

    `codes` is a (classes, features) table of +1 and -1.
    Shapes: (N, features) to (N, classes).
    Raises InputError where the codes are no such table, or the input has other features.
    Source: LeCun, Bottou, Bengio, Haffner 1998, section II-B, equation 7, and section II-C.
    """

    def __init__(self, codes: Sequence[Sequence[int]] | np.ndarray, **kwargs: Any):
        super().__init__(**kwargs)
        table = np.array(codes)
        if table.ndim != 2 or not np.isin(table, (-1, 1)).all():
            raise InputError("codes must be a table (classes, features) of +1 and -1")
        self.classes, self.features = table.shape
        self._table = table.astype(int)

    def build(self, input_shape: Any) -> None:
        """Create the codes as weights that are not trained."""
        if input_shape[-1] != self.features:
            raise InputError(f"the codes have {self.features} numbers each, the input has {input_shape[-1]}")
        self.codes = self.add_weight(
            shape=(self.classes, self.features),
            initializer=lambda shape, dtype: ops.convert_to_tensor(self._table, dtype),
            trainable=False,
            name="codes",
        )
        self.built = True

    def call(self, inputs: Any) -> Any:
        """Compare each vector with every code."""
        return -ops.sum(ops.square(ops.expand_dims(inputs, 1) - self.codes), axis=-1)

    def compute_output_shape(self, input_shape: Any) -> Any:
        """(N, classes)."""
        return input_shape[0], self.classes

    def multiply_adds(self, input_shape: Any, output_shape: Any) -> int:
        """One square added to a sum for each feature and class."""
        return self.classes * self.features

    def get_config(self) -> dict[str, Any]:
        """What __init__ was given."""
        return {**super().get_config(), "codes": self._table.tolist()}

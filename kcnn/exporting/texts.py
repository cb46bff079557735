"""A classifier of texts as a SavedModel: plain strings in, names with probabilities out."""

from collections.abc import Sequence

import keras
import tensorflow as tf

from kcnn.data.words import UNKNOWN, TextPreparation
from kcnn.exporting.classifier import named


class TextClassifier(tf.Module):
    """A Keras model behind its tokenisation. `serving_default` takes `text`, a vector of strings in UTF-8.

    It answers as a classifier of images does, and how many words each text has (`words`), of which the network knows
    `known_words`. A text without a word is refused.
    """

    signatures = ("serving_default",)

    def __init__(self, model: keras.Model, preparation: TextPreparation, classes: Sequence[str]):
        super().__init__()
        # Only the variables: a Keras model tracked here would be saved with functions of its own.
        self.weights = [variable.value for variable in model.variables]
        self.table = preparation.table
        self._logits = lambda numbers: model(numbers, training=False)
        self._preparation = preparation
        self._classes = tf.constant(list(classes))
        text = tf.TensorSpec([None], tf.string, "text")
        self.serving_default = tf.function(self._texts, input_signature=[text], autograph=False)

    def _texts(self, text: tf.Tensor) -> dict[str, tf.Tensor]:
        numbers = self._preparation.numbers(text)
        words = tf.math.count_nonzero(numbers, axis=-1, dtype=tf.int32)
        present = tf.debugging.Assert(tf.reduce_all(words > 0), ["a text has no words"])
        with tf.control_dependencies([present]):
            answer = named(self._logits(numbers), self._classes)
        return {
            **answer,
            "words": words,
            "known_words": tf.math.count_nonzero(numbers > UNKNOWN, axis=-1, dtype=tf.int32),
        }

"""`saved_models/<name>/<version>/`: a SavedModel that takes images and encoded files and answers with names."""

import errno
import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path

import keras
import tensorflow as tf

from kcnn.data.preprocessing import Preprocessing


class Classifier(tf.Module):
    """A Keras model between its preprocessing and named probabilities.

    `serving_default` takes `images`, uint8 (N, height, width, channels) of any N, height and width;
    `serving_bytes` takes `image_bytes`, a vector of encoded PNG, JPEG, BMP or GIF files.
    Both answer `class_name` (N,) and `probability` (N,) of the best class, and `class_names` and `probabilities`
    (N, classes) of all.
    """

    def __init__(self, model: keras.Model, preprocessing: Preprocessing, classes: Sequence[str]):
        super().__init__()
        # Only the variables: a Keras model tracked here would be saved with functions of its own.
        self.weights = [variable.value for variable in model.variables]
        self._logits = lambda images: model(images, training=False)
        self._preprocessing = preprocessing
        self._classes = tf.constant(list(classes))
        images = tf.TensorSpec([None, None, None, preprocessing.channels], tf.uint8, "images")
        encoded = tf.TensorSpec([None], tf.string, "image_bytes")
        self.serving_default = tf.function(self._images, input_signature=[images], autograph=False)
        self.serving_bytes = tf.function(self._bytes, input_signature=[encoded], autograph=False)

    def _images(self, images: tf.Tensor) -> dict[str, tf.Tensor]:
        return self._answer(self._preprocessing.fitted(images))

    def _bytes(self, image_bytes: tf.Tensor) -> dict[str, tf.Tensor]:
        decode = self._preprocessing.decode
        return self._answer(tf.map_fn(decode, image_bytes, fn_output_signature=tf.uint8))

    def _answer(self, images: tf.Tensor) -> dict[str, tf.Tensor]:
        logits = self._logits(self._preprocessing.standardize(images))
        probabilities = tf.nn.softmax(tf.cast(logits, tf.float32))
        best = tf.argmax(probabilities, axis=-1)
        return {
            "class_name": tf.gather(self._classes, best),
            "probability": tf.reduce_max(probabilities, axis=-1),
            "class_names": tf.tile(self._classes[tf.newaxis], [tf.shape(probabilities)[0], 1]),
            "probabilities": probabilities,
        }


def write(classifier: Classifier, directory: Path) -> Path:
    """The SavedModel in a temporary folder inside `directory`, where no server looks; none if it cannot be made."""
    directory.mkdir(parents=True, exist_ok=True)
    temporary = Path(tempfile.mkdtemp(prefix=".exporting-", dir=directory))
    signatures = {name: getattr(classifier, name) for name in ("serving_default", "serving_bytes")}
    try:
        tf.saved_model.save(classifier, str(temporary), signatures=signatures)
    except BaseException:
        discard(temporary)
        raise
    return temporary


def publish(temporary: Path, directory: Path) -> Path:
    """Give a written SavedModel the next free version; never overwrites one."""
    temporary.chmod(0o755)
    while True:
        names = [child.name for child in directory.iterdir()]
        version = max((int(name) for name in names if name.isascii() and name.isdigit()), default=0) + 1
        try:
            # Atomic; fails if another process has just taken the number.
            return temporary.rename(directory / str(version))
        except OSError as error:
            if error.errno not in (errno.ENOTEMPTY, errno.EEXIST):
                raise


def discard(temporary: Path) -> None:
    """Remove what was written and shall not be published."""
    shutil.rmtree(temporary, ignore_errors=True)

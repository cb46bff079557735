"""Networks of sounds as SavedModels: WAV files in and names out, or the names of classes in and WAV files out."""

from collections.abc import Mapping, Sequence

import keras
import tensorflow as tf

from kcnn.data.sounds import SILENT, AudioPreparation, decoded
from kcnn.errors import InputError
from kcnn.exporting.classifier import named
from kcnn.models.stepwise import Stepwise
from kcnn.recipes.audio import LONGEST


class SoundClassifier(tf.Module):
    """A Keras model behind its preparation. `serving_default` takes `wav_bytes`, a vector of WAV files.

    They may have any rate and number of channels, and the formats that `kcnn.data.wav` reads; what is none, or silent,
    is refused. It answers as a classifier of images does.
    """

    signatures = ("serving_default",)

    def __init__(self, model: keras.Model, preparation: AudioPreparation, classes: Sequence[str]):
        super().__init__()
        # Only the variables: a Keras model tracked here would be saved with functions of its own.
        self.weights = [variable.value for variable in model.variables]
        self._logits = lambda waveforms: model(waveforms, training=False)
        self._preparation = preparation
        self._classes = tf.constant(list(classes))
        files = tf.TensorSpec([None], tf.string, "wav_bytes")
        self.serving_default = tf.function(self._files, input_signature=[files], autograph=False)

    def _files(self, wav_bytes: tf.Tensor) -> dict[str, tf.Tensor]:
        heard = tf.map_fn(
            lambda contents: self._preparation.fitted(self._preparation.waveform(contents)),
            wav_bytes,
            fn_output_signature=tf.float32,
        )
        return named(self._logits(heard), self._classes)


class SoundMaker(tf.Module):
    """A network that continues sounds, from silence on. `serving_default` makes one sound a row.

    It takes `seed` (N,), `seconds` (N,), and, if the network is told them, `class_name` (N,) and `speaker` (N,), and
    answers `wav_bytes`, a WAV file each, and the `codes` (N, steps), int32, of the mu-law, steps being those of the
    longest. Equal seeds, equal sounds. A name that the network does not know is refused.
    """

    signatures = ("serving_default",)

    def __init__(self, model: keras.Model, preparation: AudioPreparation):
        super().__init__()
        if "local" in model.input:
            raise InputError(f"{model.name} follows a recording that it is told: kcnn generate RUN --like FILE asks it")
        self.weights = [variable.value for variable in model.variables]
        self._stepwise = Stepwise(model, "codes")
        self._rate = preparation.rate
        self._told = preparation.told
        named_ = {"class": "class_name"}
        self._inputs = {name: named_.get(name, name) for name in preparation.told}
        signature = [
            *(tf.TensorSpec([None], tf.string, each) for each in self._inputs.values()),
            tf.TensorSpec([None], tf.int64, "seed"),
            tf.TensorSpec([None], tf.float32, "seconds"),
        ]
        self.serving_default = tf.function(self._sounds, input_signature=signature, autograph=False)

    def _sounds(self, *given: tf.Tensor) -> dict[str, tf.Tensor]:
        *names, seed, seconds = given
        told = {name: self._numbers(name, said) for (name, said) in zip(self._inputs, names, strict=True)}
        most = tf.debugging.Assert(
            tf.reduce_all((seconds > 0) & (seconds <= LONGEST)), [f"seconds must be above 0 and at most {LONGEST:g}"]
        )
        with tf.control_dependencies([most]):
            steps = steps_of(seconds, self._rate)
        uniform = tf.map_fn(
            lambda one: drawn(one, tf.reduce_max(steps), self._rate), seed, fn_output_signature=tf.float32
        )
        codes = continued(self._stepwise, told, uniform)
        files = tf.map_fn(
            lambda pair: tf.audio.encode_wav(decoded(pair[0][: pair[1]])[:, tf.newaxis], self._rate),
            (codes, steps),
            fn_output_signature=tf.string,
        )
        return {"wav_bytes": files, "codes": codes}

    def _numbers(self, name: str, said: tf.Tensor) -> tf.Tensor:
        """The numbers of what is said."""
        known = self._told[name]
        matches = tf.equal(said[:, tf.newaxis], tf.constant(list(known)))
        checked = tf.debugging.Assert(
            tf.reduce_all(tf.reduce_any(matches, -1)), [f"{self._inputs[name]} must be one of {', '.join(known)}"]
        )
        with tf.control_dependencies([checked]):
            return tf.argmax(matches, -1, output_type=tf.int32)


def steps_of(seconds: tf.Tensor, rate: int) -> tf.Tensor:
    """The samples of so many seconds, to the nearest, but at least one, int32."""
    return tf.maximum(tf.cast(tf.round(seconds * tf.cast(rate, tf.float32)), tf.int32), 1)


def drawn(seed: tf.Tensor, steps: tf.Tensor, rate: int) -> tf.Tensor:
    """Numbers (steps,) in 0..1 that decide which code comes at each step; a longer sound begins as a shorter one."""
    seed = tf.cast(seed, tf.int64)
    # All that any sound can need: how many are drawn at a time may change them.
    return tf.random.stateless_uniform([int(LONGEST * rate)], tf.stack([seed, tf.zeros_like(seed)]))[:steps]


def chosen(logits: tf.Tensor, uniform: tf.Tensor, temperature: float = 1.0) -> tf.Tensor:
    """The codes (...), int32, at which the codes' probabilities, summed from the lowest on, exceed numbers in 0..1."""
    return tf.reduce_sum(tf.cast(_sums(logits, temperature) <= uniform[..., tf.newaxis], tf.int32), -1)


def missed(logits: tf.Tensor, codes: tf.Tensor, uniform: tf.Tensor) -> tf.Tensor:
    """By how much numbers (...) in 0..1 miss the sums between which they draw `codes` (...); 0 where they draw them.

    What is computed in another order is rounded to the other side of a number now and then: another code is as right.
    """
    sums = _sums(logits)
    ends = tf.pad(sums, [*[[0, 0]] * (len(sums.shape) - 1), [1, 0]])
    ends = tf.pad(ends, [*[[0, 0]] * (len(sums.shape) - 1), [0, 1]], constant_values=1.0)
    below, above = (tf.gather(ends, codes + step, batch_dims=len(sums.shape) - 1) for step in (0, 1))
    return tf.maximum(tf.maximum(below - uniform, uniform - above), 0.0)


def _sums(logits: tf.Tensor, temperature: float = 1.0) -> tf.Tensor:
    """The probabilities of codes (..., codes - 1), each with those before it; that of all is 1."""
    return tf.cumsum(tf.nn.softmax(tf.cast(logits, tf.float32) / temperature), axis=-1)[..., :-1]


def continued(
    network: Stepwise, told: Mapping[str, tf.Tensor], uniform: tf.Tensor, temperature: float = 1.0
) -> tf.Tensor:
    """Codes (N, steps), int32, from silence on, each drawn by a number of `uniform` (N, steps).

    A step costs as many multiplications as the network has weights.
    """
    count, steps = tf.shape(uniform)[0], tf.shape(uniform)[1]
    memories, known = network.begin(told, count)

    def step(time: tf.Tensor, code: tf.Tensor, memories: list[tf.Tensor], made: tf.TensorArray) -> tuple:
        logits, memories = network.step(memories, known, time, code)
        code = chosen(logits, uniform[:, time], temperature)
        return time + 1, code, memories, made.write(time, code)

    first = tf.fill([count], SILENT)
    _, _, _, made = tf.while_loop(
        lambda time, *_: time < steps, step, (0, first, memories, tf.TensorArray(tf.int32, steps))
    )
    return tf.transpose(made.stack())

"""A second of sound by a WaveNet: from memory, compiled and not, and by one pass over the receptive field a sample.

.venv/bin/python -m benchmarks.wavenet_generation [RUN] [--samples 8000] [--trials 5]

RUN is a finished run of a wavenet; without it the network, of 30 layers, has its first weights. The naive way is timed
once. All draw from the same numbers, and each code must be the one that its number draws after those before it, as one
pass of the whole network says, up to rounding; else the exit code is 1.
"""

import argparse
import os
import platform
import sys
import time
from collections.abc import Callable

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import numpy as np
import tensorflow as tf

from kcnn import models
from kcnn.data.sounds import SILENT
from kcnn.experiment import folder, trained
from kcnn.exporting.sounds import chosen, continued, missed
from kcnn.exporting.verify import TOLERANCE
from kcnn.models.stepwise import Stepwise
from kcnn.models.summary import receptive_fields
from kcnn.workspace import Workspace


def from_memory(model: keras.Model, uniform: tf.Tensor, compiled: bool) -> Callable[[], np.ndarray]:
    network = Stepwise(model, "codes")
    made = tf.function(lambda: continued(network, told(model), uniform), jit_compile=compiled, autograph=False)
    return lambda: made().numpy()[0]


def naively(model: keras.Model, uniform: tf.Tensor) -> Callable[[], np.ndarray]:
    samples, field = uniform.shape[1], receptive_fields(model)["features"].size

    @tf.function(autograph=False)
    def sample(codes: tf.Tensor, place: tf.Tensor, number: tf.Tensor) -> tf.Tensor:
        logits = model({"codes": codes, **told(model)}, training=False)
        return chosen(tf.gather(logits, place, axis=1), number)

    def made() -> np.ndarray:
        codes = np.full(max(samples, field) + 1, SILENT, np.int32)
        for step in range(samples):
            begin = max(0, step + 1 - field)
            window = tf.constant(codes[np.newaxis, begin : begin + field])
            codes[step + 1] = sample(window, tf.constant(step - begin), uniform[:, step]).numpy()[0]
        return codes[1 : samples + 1]

    return made


def off(model: keras.Model, codes: np.ndarray, uniform: tf.Tensor) -> float:
    """By how much the numbers miss the sums of the probabilities between which they draw these codes, at most."""
    before = np.concatenate([[SILENT], codes[:-1]]).astype(np.int32)[np.newaxis]
    logits = model({"codes": tf.constant(before), **told(model)}, training=False)
    return float(tf.reduce_max(missed(logits, codes[np.newaxis], uniform)))


def told(model: keras.Model) -> dict[str, tf.Tensor]:
    return {name: tf.zeros([1], tf.int32) for name in model.input if name != "codes"}


def timed(make: Callable[[], np.ndarray], trials: int) -> tuple[np.ndarray, list[float]]:
    times = []
    for _ in range(trials):
        start = time.perf_counter()
        codes = make()
        times.append(time.perf_counter() - start)
    return codes, times


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("run", nargs="?")
    parser.add_argument("--samples", type=int, default=8000)
    parser.add_argument("--trials", type=int, default=5)
    options = parser.parse_args()
    conditions = {"class": 10, "speaker": 6}
    model = (
        trained.load(folder.find(Workspace(), options.run)).model
        if options.run
        else models.build("wavenet", (None,), conditions=conditions)
    )
    uniform = tf.random.stateless_uniform([1, options.samples], (0, 0))
    ways = {
        "from memory, compiled": (from_memory(model, uniform, True), options.trials),
        "from memory": (from_memory(model, uniform, False), options.trials),
        "one pass a sample": (naively(model, uniform), 1),
    }
    print(f"Python {platform.python_version()}, TensorFlow {tf.__version__}, Keras {keras.__version__}")
    found = {}
    for name, (make, trials) in ways.items():
        if trials > 1:
            make()  # traced and compiled
        found[name] = timed(make, trials)
        times = found[name][1]
        print(f"{name:22} {np.median(times):9.3f} s  [{min(times):.3f}, {max(times):.3f}]", flush=True)
    naive, slow = found["one pass a sample"]
    wrong = False
    for name, (codes, times) in found.items():
        distance = off(model, codes, uniform)
        wrong |= distance > TOLERANCE
        same = np.flatnonzero(np.append(codes != naive, True))[0]
        said = f"WRONG by {distance:.1g}" if distance > TOLERANCE else f"right up to {distance:.1g}"
        print(f"{name:22} {slow[0] / np.median(times):9.1f} times as fast, {said}, the same for {same:,} samples")
    print(f"{options.samples:,} samples of {len(np.unique(naive))} codes")
    sys.exit(int(wrong))


if __name__ == "__main__":
    main()

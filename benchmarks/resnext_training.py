"""A training step of ResNeXt-29 against one of a ResNet of equal multiply-adds, in one run on this machine.

.venv/bin/python -m benchmarks.resnext_training [--batch 8] [--trials 5]

ResNet-50 with a small stem is given images that make its multiply-adds those of ResNeXt-29 (8x64d) on 32x32.
"""

import argparse
import os
import platform
import time

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import numpy as np
import tensorflow as tf

from kcnn.models import build, build_without_weights
from kcnn.models.summary import summarise
from kcnn.training.normalization import training_copy


def of_equal_cost(multiply_adds: int) -> keras.Model:
    """The ResNet-50 whose multiply-adds are nearest."""
    sides = range(32, 129, 4)
    costs = [
        summarise(build_without_weights("resnet50", (side, side, 3), 10, small_stem=True)).multiply_adds
        for side in sides
    ]
    side = sides[int(np.argmin([abs(cost - multiply_adds) for cost in costs]))]
    return build("resnet50", (side, side, 3), 10, small_stem=True)


def measure(batch: int, trials: int) -> tuple[np.ndarray, list[int]]:
    """Seconds of a step, (2, trials), and multiply-adds of an image, of ResNeXt-29 and of the ResNet."""
    resnext = build("resnext29_8x64d")
    models = [resnext, of_equal_cost(summarise(resnext).multiply_adds)]
    steps = [_step(model, batch) for model in models]
    runs = [[step() for step in steps] for _ in range(trials + 1)]
    return np.array(runs[1:]).T, [summarise(model).multiply_adds for model in models]  # the first run traced


def _step(model: keras.Model, batch: int):
    trained = training_copy(model, replicas=1)
    trained.compile("sgd", keras.losses.SparseCategoricalCrossentropy(from_logits=True), jit_compile=False)
    generator = np.random.default_rng(0)
    x = generator.normal(size=(batch, *model.input_shape[1:])).astype("float32")
    y = generator.integers(0, 10, batch)

    def timed() -> float:
        start = time.perf_counter()
        trained.train_on_batch(x, y)
        return time.perf_counter() - start

    return timed


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--batch", type=int, default=8)
    parser.add_argument("--trials", type=int, default=5)
    arguments = parser.parse_args()
    seconds, costs = measure(arguments.batch, arguments.trials)
    print(f"{platform.machine()}, {os.cpu_count()} cores, TensorFlow {tf.__version__}, Keras {keras.__version__}")
    for name, row, cost in zip(("ResNeXt-29 8x64d", "ResNet-50"), seconds, costs, strict=True):
        spread = f"[{row.min():.2f}, {row.max():.2f}]"
        print(
            f"{name:>17}: {np.median(row):.2f} s {spread} a step of {arguments.batch}, {cost / 1e9:.2f} G multiply-adds"
        )
    each = np.median(seconds, axis=1) / costs
    print(f"time a multiply-add, ResNeXt-29 over ResNet-50: {each[0] / each[1]:.2f}")


if __name__ == "__main__":
    main()

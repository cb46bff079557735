"""Forward and backward of keras.layers.Conv2D(groups=...) against kcnn's GroupedConv2D, in one run on this machine.

.venv/bin/python -m benchmarks.grouped_convolution [--batch 16] [--trials 3]
"""

import argparse
import os
import platform
import time

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import numpy as np
import tensorflow as tf

from kcnn.layers.grouped_conv import GroupedConv2D

tf.get_logger().setLevel("ERROR")  # it takes the traces of different layers for retraces of one

# channels (= filters), groups, height and width; 3x3 kernels
SHAPES = [(512, 8, 32), (128, 32, 56), (256, 32, 28), (512, 32, 14), (1024, 32, 7), (1024, 8, 16)]


@tf.function
def step(layer: keras.layers.Layer, x: tf.Tensor) -> list[tf.Tensor]:
    with tf.GradientTape() as tape:
        tape.watch(x)
        loss = tf.reduce_sum(layer(x) ** 2)
    return tape.gradient(loss, [x, *layer.trainable_weights])


def milliseconds(layer: keras.layers.Layer, x: tf.Tensor) -> float:
    start = time.perf_counter()
    step(layer, x)[0].numpy()
    return 1e3 * (time.perf_counter() - start)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--batch", type=int, default=16)
    parser.add_argument("--trials", type=int, default=3)
    arguments = parser.parse_args()
    print(f"{platform.machine()}, {os.cpu_count()} cores, devices {keras.distribution.list_devices()}")
    print(f"TensorFlow {tf.__version__}, Keras {keras.__version__}, batch {arguments.batch}, ms: median [least, most]")
    print(f"{'input':>14} {'groups':>6} {'Conv2D':>24} {'GroupedConv2D':>22} {'ratio':>6}")
    for channels, groups, size in SHAPES:
        x = tf.random.normal((arguments.batch, size, size, channels))
        layers = [kind(channels, 3, padding="same", groups=groups) for kind in (keras.layers.Conv2D, GroupedConv2D)]
        for layer in layers:
            layer.build(x.shape)
        runs = [[milliseconds(layer, x) for layer in layers] for _ in range(arguments.trials + 1)]
        times = np.array(runs[1:]).T  # the first run traced
        own, ours = (f"{np.median(row):.0f} [{row.min():.0f}, {row.max():.0f}]" for row in times)
        ratio = np.median(times[0]) / np.median(times[1])
        print(f"{f'{size}x{size}x{channels}':>14} {groups:>6} {own:>24} {ours:>22} {ratio:>6.1f}", flush=True)


if __name__ == "__main__":
    main()

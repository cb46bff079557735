"""keras.layers.Conv2D against kcnn's Im2ColConv2D and FFTConv2D for growing kernels, in one run on this machine.

.venv/bin/python -m benchmarks.fft_convolution [--batch 4] [--size 64] [--channels 16] [--trials 5] [--kernels 3 5 ...]

The layers take turns within each trial. "same" padding, as many filters as channels. Im2ColConv2D is left out where its
rows would take more than a GiB.
"""

import argparse
import os
import platform
import time
from collections.abc import Callable

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import numpy as np
import tensorflow as tf

from kcnn.layers.fft_conv import FFTConv2D
from kcnn.layers.im2col_conv import Im2ColConv2D

tf.get_logger().setLevel("ERROR")  # it takes the traces of different layers for retraces of one

KINDS = [keras.layers.Conv2D, Im2ColConv2D, FFTConv2D]
KERNELS = [3, 5, 7, 11, 15, 23, 31, 47, 63]


@tf.function
def forward(layer: keras.layers.Layer, x: tf.Tensor) -> tf.Tensor:
    return layer(x)


@tf.function
def forward_and_backward(layer: keras.layers.Layer, x: tf.Tensor) -> tf.Tensor:
    with tf.GradientTape() as tape:
        tape.watch(x)
        loss = tf.reduce_sum(layer(x) ** 2)
    return tf.stack([tf.reduce_sum(gradient) for gradient in tape.gradient(loss, [x, *layer.trainable_weights])])


def rows_fit(kernel: int, x: tf.Tensor) -> bool:
    """Whether im2col's rows take a GiB at most."""
    return 4 * kernel**2 * np.prod(x.shape) <= 2**30


def milliseconds(step: Callable, layer: keras.layers.Layer, x: tf.Tensor) -> float:
    start = time.perf_counter()
    step(layer, x).numpy()
    return 1e3 * (time.perf_counter() - start)


def faster_from(table: dict[int, dict[type, np.ndarray]]) -> int | None:
    """The smallest kernel from which on the median of FFTConv2D is below that of Conv2D."""
    found = None
    for kernel, times in sorted(table.items(), reverse=True):
        if np.median(times[FFTConv2D]) >= np.median(times[keras.layers.Conv2D]):
            break
        found = kernel
    return found


def measured(step: Callable, kernel: int, x: tf.Tensor, trials: int) -> dict[type, np.ndarray]:
    """The milliseconds of each kind of layer in each trial."""
    kinds = [kind for kind in KINDS if kind is not Im2ColConv2D or rows_fit(kernel, x)]
    layers = [kind(x.shape[-1], kernel, padding="same") for kind in kinds]
    for layer in layers:
        layer.build(x.shape)
    runs = [[milliseconds(step, layer, x) for layer in layers] for _ in range(trials + 1)]
    return dict(zip(kinds, np.array(runs[1:]).T, strict=True))  # the first run traced


def cell(times: np.ndarray | None) -> str:
    return "-" if times is None else f"{np.median(times):.1f} [{times.min():.1f}, {times.max():.1f}]"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--batch", type=int, default=4)
    parser.add_argument("--size", type=int, default=64)
    parser.add_argument("--channels", type=int, default=16)
    parser.add_argument("--trials", type=int, default=5)
    parser.add_argument("--kernels", type=int, nargs="+", default=KERNELS)
    arguments = parser.parse_args()
    print(f"{platform.machine()}, {os.cpu_count()} cores, devices {keras.distribution.list_devices()}")
    print(f"TensorFlow {tf.__version__}, Keras {keras.__version__}, {arguments.trials} trials")
    x = tf.random.normal((arguments.batch, arguments.size, arguments.size, arguments.channels))
    print(f"input {tuple(x.shape)}, {arguments.channels} filters, ms: median [least, most]")
    for step in forward, forward_and_backward:
        print(f"\n{step.__name__.replace('_', ' ')}\n{'kernel':>8}" + "".join(f"{kind.__name__:>28}" for kind in KINDS))
        table = {}
        for kernel in sorted(arguments.kernels):
            times = table[kernel] = measured(step, kernel, x, arguments.trials)
            row = "".join(f"{cell(times.get(kind)):>28}" for kind in KINDS)
            print(f"{f'{kernel}x{kernel}':>8}{row}", flush=True)
        found = faster_from(table)
        print(f"FFTConv2D is faster than Conv2D {f'from {found}x{found} on' if found else 'at none of these sizes'}")


if __name__ == "__main__":
    main()

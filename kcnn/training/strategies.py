"""Which devices share a training."""

from collections.abc import Sequence
from pathlib import Path

import keras
import tensorflow as tf


def strategy(devices: Sequence[str] | None = None) -> tf.distribute.Strategy:
    """`MirroredStrategy` over all GPUs (or over `devices`), one device otherwise.

    Only the first of several CPU devices counts: splitting a CPU in two is for tests, which name `devices`.
    """
    names = list(devices or [device.name for device in tf.config.list_logical_devices("GPU")])
    if len(names) < 2:
        return tf.distribute.OneDeviceStrategy(names[0] if names else "/cpu:0")
    if all("CPU" in name.upper() for name in names):
        # The default cross-device operations fail on CPU for a second model in one process.
        return tf.distribute.MirroredStrategy(names, cross_device_ops=tf.distribute.ReductionToOneDevice())
    return tf.distribute.MirroredStrategy(names)


def compiles(used: tf.distribute.Strategy, model: keras.Model) -> bool:
    """Whether XLA compiles what the devices do with a model: on GPUs, unless a layer, as cuDNN's LSTM, forbids it."""
    return _kind(used) == "GPU" and _can_be_compiled(model)


def _can_be_compiled(layer: keras.Layer) -> bool:
    return layer.supports_jit and all(_can_be_compiled(inner) for inner in getattr(layer, "layers", []))


def describe(used: tf.distribute.Strategy) -> str:
    """The devices in words, for the record: `1 x CPU (AMD EPYC)`."""
    if _kind(used) == "GPU":
        physical = tf.config.list_physical_devices("GPU")[0]
        name = tf.config.experimental.get_device_details(physical).get("device_name", "GPU")
    else:
        name = _cpu_name()
    return f"{used.num_replicas_in_sync} x {_kind(used)} ({name})"


def _kind(used: tf.distribute.Strategy) -> str:
    return tf.DeviceSpec.from_string(used.extended.worker_devices[0]).device_type


def _cpu_name() -> str:
    try:
        with Path("/proc/cpuinfo").open(encoding="utf-8") as lines:
            return next(line.split(":", 1)[1].strip() for line in lines if line.startswith("model name"))
    except (OSError, StopIteration):
        import platform

        return platform.processor() or platform.machine()

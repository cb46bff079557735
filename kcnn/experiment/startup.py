"""Importing TensorFlow: once, when it is first needed, and without the lines it prints at import."""

import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager

from kcnn.errors import InputError
from kcnn.seeds import generator
from kcnn.workspace import Workspace


def start(workspace: Workspace | None = None) -> None:
    """Import TensorFlow and Keras silently, and keep libraries from writing into the home directory."""
    workspace = workspace or Workspace()
    os.environ.setdefault("MPLCONFIGDIR", str(workspace.caches / "matplotlib"))
    # Keras would write its defaults there, and obey other ones: a recipe says everything itself.
    os.environ.setdefault("KERAS_HOME", os.devnull)
    if "tensorflow" in sys.modules:
        return
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    os.environ.setdefault("KERAS_BACKEND", "tensorflow")
    with silent_stderr():
        import keras  # noqa: F401
        import tensorflow as tf

        # That a process traces many networks one after another is how it is meant.
        tf.get_logger().setLevel("ERROR")
        # The first tensor makes TensorFlow look for devices, and talk about it.
        tf.constant(0)


def seed_everything(seed: int, deterministic: bool) -> None:
    """Seed what draws initial weights; with `deterministic` every operation gives the same bits every time."""
    import keras
    import tensorflow as tf

    keras.utils.set_random_seed(int(generator(seed, 1).integers(2**31)))
    if deterministic:
        tf.config.experimental.enable_op_determinism()


@contextmanager
def silent_stderr() -> Iterator[None]:
    """Keep what C++ writes to the error stream; show it only where the block fails in a way that was not foreseen."""
    sys.stderr.flush()
    saved = os.dup(2)
    with tempfile.TemporaryFile() as kept:
        os.dup2(kept.fileno(), 2)
        try:
            yield
        except InputError:
            raise
        except BaseException:
            os.dup2(saved, 2)
            kept.seek(0)
            sys.stderr.write(kept.read().decode(errors="replace"))
            raise
        finally:
            os.dup2(saved, 2)
            os.close(saved)

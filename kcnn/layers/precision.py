"""Mixed precision as a scope: layers built inside compute in the policy's type, weights stay float32."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import keras


@contextmanager
def precision(policy: Any) -> Iterator[None]:
    """Build under `float32`, `mixed_bfloat16`, `mixed_float16` or a Keras policy; afterwards all is as before."""
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy(policy)
    try:
        yield
    finally:
        keras.config.set_dtype_policy(before)

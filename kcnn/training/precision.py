"""Mixed precision as a scope: layers built inside compute in the policy's type, weights stay float32."""

from collections.abc import Iterator
from contextlib import contextmanager

import keras


@contextmanager
def precision(policy: str) -> Iterator[None]:
    """Build under `float32`, `mixed_bfloat16` or `mixed_float16`; what was set before is set again afterwards."""
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy(policy)
    try:
        yield
    finally:
        keras.config.set_dtype_policy(before)

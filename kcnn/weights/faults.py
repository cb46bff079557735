"""One line for whatever a missing, damaged or hostile weight file makes its reader raise."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from kcnn.errors import InputError

_LONGEST = 120
"""How many characters of a file's own text an error repeats."""


@contextmanager
def faults(path: str | Path, kind: str, error: type[InputError] = InputError) -> Iterator[None]:
    """Turn what reading `path` raises into an `error` of one line; `kind` is what the file should be."""
    try:
        yield
    except InputError:
        raise
    except FileNotFoundError:
        raise error(f"{path}: there is no such file") from None
    except IsADirectoryError:
        raise error(f"{path} is a folder, not a weight file") from None
    except PermissionError:
        raise error(f"{path} may not be read by this user") from None
    # Hostile bytes reach code that promises no particular exception: zipfile, pickle, h5py and NumPy raise a dozen.
    except Exception as fault:
        raise error(f"{path} is damaged, or no {kind}: {printable(fault) or type(fault).__name__}") from None


def printable(text: str | bytes | int | Exception) -> str:
    """The first line of a text that comes from a file, without control characters, cut to a readable length."""
    line = (str(text).strip().splitlines() or [""])[0]
    line = line if line.isprintable() else ascii(line)
    return line if len(line) <= _LONGEST else line[:_LONGEST] + "…"


def from_bfloat16(bits: np.ndarray) -> np.ndarray:
    """Float32 from the 16-bit words of bfloat16, which is float32 without its last 16 bits."""
    return np.asarray(bits.astype(np.uint32) << 16).view(np.float32)

"""`saved_models/<name>/<version>/`: a SavedModel, its preprocessing inside, written aside and then published whole."""

import errno
import shutil
import tempfile
from pathlib import Path
from typing import Protocol

import tensorflow as tf


class Servable(Protocol):
    """A `tf.Module` that holds its weights, and a traced function for each of its `signatures`."""

    signatures: tuple[str, ...]


def write(module: Servable, directory: Path) -> Path:
    """The SavedModel in a temporary folder inside `directory`, where no server looks; none if it cannot be made."""
    directory.mkdir(parents=True, exist_ok=True)
    temporary = Path(tempfile.mkdtemp(prefix=".exporting-", dir=directory))
    signatures = {name: getattr(module, name) for name in module.signatures}
    try:
        tf.saved_model.save(module, str(temporary), signatures=signatures)
    except BaseException:
        discard(temporary)
        raise
    return temporary


def publish(temporary: Path, directory: Path) -> Path:
    """Give a written SavedModel the next free version; never overwrites one."""
    temporary.chmod(0o755)
    while True:
        names = [child.name for child in directory.iterdir()]
        version = max((int(name) for name in names if name.isascii() and name.isdigit()), default=0) + 1
        try:
            # Atomic; fails if another process has just taken the number.
            return temporary.rename(directory / str(version))
        except OSError as error:
            if error.errno not in (errno.ENOTEMPTY, errno.EEXIST):
                raise


def discard(temporary: Path) -> None:
    """Remove what was written and shall not be published."""
    shutil.rmtree(temporary, ignore_errors=True)

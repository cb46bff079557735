"""Every path that kcnn writes to."""

import os
import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from kcnn.errors import InputError


@dataclass(frozen=True)
class Workspace:
    """The folder that holds runs, checkpoints and exported models; nothing is written outside it.

    The root is `KCNN_WORKSPACE`, else the current folder.
    """

    root: Path = field(default_factory=lambda: Path(os.environ.get("KCNN_WORKSPACE") or Path.cwd()))

    @property
    def tracking_uri(self) -> str:
        """Where MLflow's records are: `MLFLOW_TRACKING_URI`, else the SQLite file in `mlruns/`."""
        return os.environ.get("MLFLOW_TRACKING_URI") or f"sqlite:///{self.mlruns / 'mlflow.db'}"

    @property
    def mlruns(self) -> Path:
        """The tracking store: `mlflow.db`, and the artifacts beside it."""
        return self.root.absolute() / "mlruns"

    @property
    def artifacts(self) -> Path:
        """The artifacts of all runs, as MLflow's server serves them."""
        return self.mlruns / "artifacts"

    @property
    def saved_models(self) -> Path:
        """Exported models: `<name>/<version>/`."""
        return self.root.absolute() / "saved_models"

    @property
    def runs(self) -> Path:
        """One folder a run: its recipe, checkpoint, journal, figures and trained model."""
        return self.root.absolute() / ".kcnn" / "checkpoints"

    @property
    def labs(self) -> Path:
        """The figures of the labs."""
        return self.root.absolute() / ".kcnn" / "labs"

    @property
    def features(self) -> Path:
        """What pretrained networks answered to datasets; may be deleted at any time."""
        return self.root.absolute() / ".kcnn" / "features"

    @property
    def caches(self) -> Path:
        """What libraries would otherwise keep in the home directory."""
        return self.root.absolute() / ".kcnn" / "caches"

    def run(self, name: str) -> Path:
        """The folder of one run."""
        return self.runs / name


def file_name(text: str) -> str:
    """The text as a file's name: whatever is no letter, digit, point or hyphen becomes an underscore."""
    return re.sub(r"[^\w.-]+", "_", text)


def check_figure(path: Path) -> None:
    """Raise InputError where no figure can be written: another suffix than .png, no such folder, a folder."""
    if path.suffix.lower() != ".png" or path.is_dir():
        raise InputError(f"a figure is a file ending in .png, got {str(path)!r}")
    if not path.parent.is_dir():
        raise InputError(f"{path}: there is no folder {path.parent}")


def check_free(path: Path, overwrite: bool) -> None:
    """Raise InputError where no file can be written: in no folder, in place of a folder, or of a file unasked."""
    if path.is_dir():
        raise InputError(f"{path} is a folder")
    if not path.parent.is_dir():
        raise InputError(f"{path}: there is no folder {path.parent}")
    if path.exists() and not overwrite:
        raise InputError(f"{path} is there already: --overwrite replaces it")


@contextmanager
def atomic_file(path: Path) -> Iterator[Path]:
    """A temporary path beside `path` that replaces it when the block ends well, and vanishes otherwise.

    A reader, or a process killed at any moment, sees the old file or the new one, never a part.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=f".{path.stem}-", suffix=path.suffix, dir=path.parent)
    os.close(handle)
    temporary = Path(name)
    temporary.chmod(0o644)
    try:
        yield temporary
        with temporary.open("rb") as written:
            os.fsync(written.fileno())
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)

"""Where and with what a run was made: commit, versions, machine."""

import os
import platform
import subprocess
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

_PACKAGES = ("kcnn", "tensorflow", "keras", "numpy", "albumentations", "mlflow")


def describe() -> dict[str, str]:
    """Git commit of the code (with `+` where files differ from it), package versions, Python, host."""
    versions = {f"version.{name}": _version(name) for name in _PACKAGES}
    host = {"python": platform.python_version(), "host": platform.node(), "system": platform.platform()}
    return {"git_commit": _commit(), **versions, **host}


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "not installed"


def _commit() -> str:
    if built := os.environ.get("KCNN_GIT_COMMIT"):
        return built
    folder = Path(__file__).parent

    def git(*arguments: str) -> str:
        done = subprocess.run(
            ["git", "-C", str(folder), *arguments], capture_output=True, text=True, check=True, timeout=10
        )
        return done.stdout.strip()

    try:
        return git("rev-parse", "HEAD") + ("+" if git("status", "--porcelain", "-uno") else "")
    except (OSError, subprocess.SubprocessError):
        return "unknown"

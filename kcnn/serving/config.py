"""`models.config`: which models TF Serving loads. It polls the file, so a new model needs no restart."""

import json
from pathlib import Path

from kcnn.serving.repository import exported
from kcnn.workspace import atomic_file

_MODEL = """  config {{
    name: {name}
    base_path: {path}
    model_platform: "tensorflow"
    model_version_policy {{ all {{}} }}
  }}
"""


def write_models_config(directory: Path, base: str = "/models") -> Path:
    """Write `models.config` into `directory` for every model exported there, all its versions.

    `base` is where TF Serving sees the directory.
    """
    listed = "".join(_MODEL.format(name=_text(name), path=_text(f"{base}/{name}")) for name in exported(directory))
    path = directory / "models.config"
    with atomic_file(path) as temporary:
        temporary.write_text(f"model_config_list {{\n{listed}}}\n", encoding="utf-8")
    return path


def _text(value: str) -> str:
    """As a string of protobuf's text format; a folder may be called anything."""
    return json.dumps(value, ensure_ascii=False)

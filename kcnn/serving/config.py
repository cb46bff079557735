"""`models.config`: which models TF Serving loads. It polls the file, so a new model needs no restart."""

from pathlib import Path

from kcnn.serving.repository import exported
from kcnn.workspace import atomic_file

_MODEL = """  config {{
    name: "{name}"
    base_path: "{base}/{name}"
    model_platform: "tensorflow"
    model_version_policy {{ all {{}} }}
  }}
"""


def write_models_config(directory: Path, base: str = "/models") -> Path:
    """Write `models.config` into `directory` for every model exported there, all its versions.

    `base` is where TF Serving sees the directory.
    """
    listed = "".join(_MODEL.format(name=name, base=base) for name in exported(directory))
    path = directory / "models.config"
    with atomic_file(path) as temporary:
        temporary.write_text(f"model_config_list {{\n{listed}}}\n", encoding="utf-8")
    return path

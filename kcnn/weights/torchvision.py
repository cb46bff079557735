"""Torchvision's names: its state dicts, as `model.state_dict()` has them and as its published files do."""

import re
from collections.abc import Callable, Sequence

import keras

from kcnn.models.catalog import Variant
from kcnn.weights.naming import Rule, Rules, blocks, halves, has, pads_alike

FC: Rule = ("logits", "fc")
CLASSIFIER: Rule = ("logits", "classifier")
LAST: Rule = ("logits", "classifier.1")


_BN = {"conv": "conv", "norm": "bn"}


def _part(kind: str) -> int:
    """Where a convolution and its normalisation stand in a Sequential."""
    return ("conv", "norm").index(kind)


SHORTCUT: Rule = (
    r"stage(\d)_block(\d+)_shortcut_(conv|norm)",
    lambda s, b, kind: f"layer{s}.{b - 1}.downsample.{_part(kind)}",
)
"""Of a residual block."""


def alexnet(model: keras.Model, row: Variant) -> Sequence[Rule]:
    """Features 0 to 10, classifier 1 to 6."""
    places = dict(zip(range(1, 6), (0, 3, 6, 8, 10), strict=True))
    return (
        (r"conv(\d)_conv", lambda index: f"features.{places[index]}"),
        (r"fc(\d)", lambda index: f"classifier.{(1, 4)[index - 1]}"),
        ("logits", "classifier.6"),
    )


def vgg(model: keras.Model, row: Variant) -> Sequence[Rule]:
    """Everything is counted: convolution, normalisation if any, ReLU; pooling between stages."""
    step = 3 if has(model, "stage1_block1_norm") else 2
    places = {(stage, index): number * step + stage - 1 for (stage, index), number in blocks(model).items()}
    return (
        (r"stage(\d)_block(\d)_(conv|norm)", lambda s, b, kind: f"features.{places[s, b] + _part(kind)}"),
        (r"fc(\d)", lambda index: f"classifier.{(0, 3)[index - 1]}"),
        ("logits", "classifier.6"),
    )


def googlenet(model: keras.Model, row: Variant) -> Sequence[Rule]:
    """Branches of a module by number; every convolution is `.conv` and its normalisation `.bn`."""
    branches = {
        "1x1": "branch1",
        "3x3_reduce": "branch2.0",
        "3x3": "branch2.1",
        "5x5_reduce": "branch3.0",
        "5x5": "branch3.1",
        "pool_proj": "branch4.1",
    }

    return (
        (r"conv1_(conv|norm)", lambda kind: f"conv1.{_BN[kind]}"),
        (r"conv2_reduce_(conv|norm)", lambda kind: f"conv2.{_BN[kind]}"),
        (r"conv2_(conv|norm)", lambda kind: f"conv3.{_BN[kind]}"),
        (
            r"(inception\w\w)_(.*)_(conv|norm)",
            lambda module, branch, kind: f"{module}.{branches[branch]}.{_BN[kind]}",
        ),
        (r"(aux\d)_(conv|norm)", lambda head, kind: f"{head}.conv.{_BN[kind]}"),
        (r"(aux\d)_fc1", lambda head: f"{head}.fc1"),
        (r"(aux\d)_logits", lambda head: f"{head}.fc2"),
        FC,
    )


def resnet(model: keras.Model, row: Variant) -> Sequence[Rule]:
    """ResNet, wide ResNet and ResNeXt."""

    return (
        (r"stem_(conv|norm)", lambda kind: f"{_BN[kind]}1"),
        SHORTCUT,
        (
            r"stage(\d)_block(\d+)_([abc])_(conv|norm)",
            lambda s, b, letter, kind: f"layer{s}.{b - 1}.{_BN[kind]}{'abc'.index(letter) + 1}",
        ),
        FC,
    )


def r3d(model: keras.Model, row: Variant) -> Sequence[Rule]:
    """R3D: the convolutions of a block are in Sequentials of their own."""
    return (
        (r"stem_(conv|norm)", lambda kind: f"stem.{_part(kind)}"),
        SHORTCUT,
        (
            r"stage(\d)_block(\d+)_([ab])_(conv|norm)",
            lambda s, b, letter, kind: f"layer{s}.{b - 1}.conv{'ab'.index(letter) + 1}.{_part(kind)}",
        ),
        FC,
    )


def densenet(model: keras.Model, row: Variant) -> Sequence[Rule]:
    """Norm 1, conv 1 are the bottleneck's, norm 2, conv 2 those that make new maps."""
    return (
        (r"stem_(conv|norm)", lambda kind: f"features.{kind}0"),
        (
            r"stage(\d)_layer(\d+)_(bottleneck|growth)_(conv|norm)",
            lambda s, n, which, kind: (
                f"features.denseblock{s}.denselayer{n}.{kind}{('bottleneck', 'growth').index(which) + 1}"
            ),
        ),
        (r"transition(\d)_(conv|norm)", lambda index, kind: f"features.transition{index}.{kind}"),
        ("last_norm", "features.norm5"),
        CLASSIFIER,
    )


def squeezenet(model: keras.Model, row: Variant) -> Sequence[Rule]:
    """Features are counted with the poolings between them."""
    poolings = {"squeezenet1_0": (5, 9), "squeezenet1_1": (4, 6)}[row.name]  # before which fire modules

    def place(fire: int) -> int:
        return fire + 1 + sum(fire >= first for first in poolings)

    return (
        ("conv1_conv", "features.0"),
        (r"fire(\d)_(.*)_conv", lambda index, part: f"features.{place(index)}.{part}"),
        ("conv10_conv", "classifier.1"),
    )


def mobilenet_v2(model: keras.Model, row: Variant) -> Sequence[Rule]:
    """Features 0 to 18; a block's convolutions are counted, and the first block has none that widens."""
    places = blocks(model)

    def inside(s: int, b: int, part: str, kind: str) -> str:
        first = 1 if has(model, f"stage{s}_block{b}_expand_conv") else 0
        block = f"features.{places[s, b] + 1}.conv"
        if part == "project":
            return f"{block}.{first + 1 + _part(kind)}"
        return f"{block}.{0 if part == 'expand' else first}.{_part(kind)}"

    return (
        (r"stem_(conv|norm)", lambda kind: f"features.0.{_part(kind)}"),
        (r"stage(\d)_block(\d+)_(expand|depthwise|project)_(conv|norm)", inside),
        (r"last_(conv|norm)", lambda kind: f"features.{len(places) + 1}.{_part(kind)}"),
        LAST,
    )


def shufflenet_v2(model: keras.Model, row: Variant) -> Sequence[Rule]:
    """Branch 1 is the one beside, branch 2 the one that works; ReLUs are counted."""
    starts = {
        "beside_depthwise": "branch1.0",
        "beside_project": "branch1.2",
        "expand": "branch2.0",
        "depthwise": "branch2.3",
        "project": "branch2.5",
    }

    def inside(s: int, u: int, part: str, kind: str) -> str:
        branch, first = starts[part].split(".")
        return f"stage{s + 1}.{u - 1}.{branch}.{int(first) + _part(kind)}"

    return (
        (r"stem_(conv|norm)", lambda kind: f"conv1.{_part(kind)}"),
        (r"stage(\d)_unit(\d+)_(.*)_(conv|norm)", inside),
        (r"last_(conv|norm)", lambda kind: f"conv5.{_part(kind)}"),
        FC,
    )


def efficientnet(model: keras.Model, row: Variant) -> Sequence[Rule]:
    """A block's parts are counted, and the first stage's have none that widens."""

    def inside(s: int, b: int, part: str, kind: str) -> str:
        first = 1 if has(model, f"stage{s}_block{b}_expand_conv") else 0
        block = f"features.{s}.{b - 1}.block"
        if part == "se":
            return f"{block}.{first + 1}.{ {'reduce': 'fc1', 'expand': 'fc2'}[kind] }"
        return f"{block}.{ {'expand': 0, 'depthwise': first, 'project': first + 2}[part] }.{_part(kind)}"

    return (
        (r"stem_(conv|norm)", lambda kind: f"features.0.{_part(kind)}"),
        (r"stage(\d)_block(\d+)_(se)_(reduce|expand)", inside),
        (r"stage(\d)_block(\d+)_(expand|depthwise|project)_(conv|norm)", inside),
        (r"last_(conv|norm)", lambda kind: f"features.8.{_part(kind)}"),
        LAST,
    )


RULES: dict[str, Rules] = {
    rules.__name__: rules
    for rules in (
        alexnet,
        vgg,
        googlenet,
        resnet,
        r3d,
        densenet,
        squeezenet,
        mobilenet_v2,
        shufflenet_v2,
        efficientnet,
    )
}


def modern(name: str) -> str:
    """Today's name of an entry.

    Files published for DenseNet in 2017 have `norm.1` for `norm1`; a network trained in DataParallel saves `module.`
    before every name.
    """
    name = name.removeprefix("module.")
    return re.sub(r"(denselayer\d+\.(?:norm|conv))\.([12])\.", r"\1\2.", name)


def is_auxiliary(name: str) -> bool:
    """Whether an entry belongs to GoogLeNet's auxiliary heads."""
    return name.startswith(("aux1.", "aux2."))


def _sees_7x7(model: keras.Model) -> bool:
    """Whether VGG's first dense layer sees maps of 7x7, as it always does in torchvision."""
    return has(model, "adaptive") or model.get_layer("features").output.shape[1:3] == (7, 7)


# What shapes do not show: whether a model was built in torchvision's form.
IN_FORM: dict[str, Callable[[keras.Model], bool]] = {
    "alexnet": lambda model: not has(model, "conv1_lrn"),
    "vgg": lambda model: not has(model, "fc1") or _sees_7x7(model),
    "googlenet": lambda model: has(model, "conv1_norm"),
    "resnet": lambda model: not has(model, "stage2_block1_c_conv") or halves(model, "stage2_block1_b_conv"),
    "mobilenet_v2": pads_alike,
    "efficientnet": pads_alike,
}

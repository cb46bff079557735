"""How the images were presented that published weights were trained and measured on: plain data, no Keras."""

from kcnn.models.catalog import Variant
from kcnn.recipes.data import Pixels

MEAN, DEVIATION = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
"""Of ImageNet's pixels in 0..1, as torchvision has them."""
CROP = 224 / 256
"""The middle 224 of a short side of 256: how a network is measured on ImageNet."""

KINETICS = Pixels(mean=(0.43216, 0.394666, 0.37645), std=(0.22803, 0.22145, 0.216989), crop=112 / 128)
"""The frames of Kinetics-400, as torchvision has them: it squeezes them to 128x171 and takes the middle 112x112."""
LITE = Pixels(mean=(127 / 255,) * 3, std=(128 / 255,) * 3, interpolation="bicubic", crop=CROP)
"""(x - 127) / 128, cubic, of the short side 7/8 (github.com/tensorflow/tpu, efficientnet/lite)."""
STANDARDISED = Pixels(mean=MEAN, std=DEVIATION, crop=CROP)
TO_ONE = Pixels(mean=(0.5,) * 3, std=(0.5,) * 3, crop=CROP)
"""(x - 0.5) / 0.5: pixels in -1..1."""
CAFFE = Pixels(mean=(123.68 / 255, 116.779 / 255, 103.939 / 255), std=(1 / 255,) * 3, order="bgr", crop=CROP)
"""Pixels 0..255 less their mean, blue first."""
CENTRED = Pixels(mean=(0.48235, 0.45882, 0.40784), std=(1 / 255,) * 3, crop=CROP)
"""The same, red first: the one file of torchvision without a classifier, VGG16_Weights.IMAGENET1K_FEATURES."""
RAW = Pixels(mean=(0.0,) * 3, std=(1 / 255,) * 3, interpolation="bicubic", crop=CROP)
"""Pixels 0..255: the network scales them itself."""

_KERAS = {"vgg": CAFFE, "resnet": CAFFE, "densenet": STANDARDISED, "mobilenet_v2": TO_ONE, "efficientnet": RAW}


def pixels(origin: str, row: Variant, headless: bool = False) -> Pixels:
    """What the weights of a variant, as published by `origin` with a classifier or without, expect."""
    if origin == "efficientnet_lite":
        return LITE
    if origin == "keras":
        return _KERAS[row.module]
    if row.data == "video":
        return KINETICS
    if headless:
        return CENTRED
    if row.name == "googlenet":
        return TO_ONE
    if row.module == "efficientnet":
        return Pixels(mean=MEAN, std=DEVIATION, interpolation="bicubic", crop=CROP)
    return STANDARDISED


def words(shown: Pixels) -> str:
    """The standardisation of pixels x in 0..255, as it is written: (x - 127) / 128."""
    means, deviations = (_numbers(values) for values in (shown.mean, shown.std))
    order = ", blue first" if shown.order == "bgr" else ""
    less = "x" if means == "0" else f"(x - {means})" if "," not in means else f"(x - [{means}])"
    over = "" if deviations == "1" else f" / {deviations}" if "," not in deviations else f" / [{deviations}]"
    return f"{less}{over}{order}, {shown.interpolation}"


def _numbers(values: tuple[float, ...]) -> str:
    """Shares of 255 as numbers, one where all are the same."""
    texts = [f"{255 * value:.4g}" for value in values]
    return texts[0] if len(set(texts)) == 1 else ", ".join(texts)

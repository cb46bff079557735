"""What is known of every model without building it: plain data, no Keras."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from kcnn.errors import unknown
from kcnn.models import papers as by
from kcnn.models.sides import Sides


@dataclass(frozen=True)
class Variant:
    """One row of the catalogue; `parameters` are the trainable ones at the default input and classes.

    `task` is what the network is for: "classification" (it answers logits, and has the taps), "segmentation",
    "reconstruction", "generation", "self-organisation", "forecasting", "autoregression" (each sample of a recording
    from those before it), or "sequences", where the data decide. `data` is what a recipe of it learns from (EXAMPLES).
    """

    name: str
    family: str
    module: str  # of kcnn.models
    paper: str
    parameters: int
    input_shape: tuple[int, ...]  # in the order of `axes`
    smallest: tuple[int, ...]  # height, width; frames before, of clips; the steps, words or samples of what is read
    classes: int
    own_options: tuple[str, ...] = ()  # what its builder accepts beyond the input shape and the classes
    libraries: tuple[str, ...] = ()  # whose form `like` can ask for
    sides: Mapping[str, tuple[int, int]] = field(default_factory=dict)  # a library's default and smallest, if others
    task: str = "classification"
    allowed: Mapping[str, Sides] = field(default_factory=dict)  # by padding, the default first; where not every side is
    data: str = "images"

    @property
    def classifier(self) -> bool:
        """Whether it answers a class for an image."""
        return self.task == "classification" and self.data == "images"

    @property
    def axes(self) -> tuple[str, ...]:
        """What the numbers of `input_shape` count."""
        return AXES.get(self.data, ("height", "width", "channels"))

    @property
    def any_length(self) -> bool:
        """Whether the first of the axes may be left open, as None."""
        return self.data in AXES and self.data != "video"

    @property
    def fewest(self) -> int:
        """The fewest classes: a series may have a single number for its answer."""
        return 1 if self.data in ("series", "forecast") else 2

    @property
    def reads(self) -> tuple[str, ...]:
        """The kinds of data that it can learn from: a network of series also says how they go on."""
        return ("series", "forecast") if self.data == "series" else (self.data,)

    @property
    def options(self) -> tuple[str, ...]:
        """What build() accepts beyond the input shape and the classes."""
        return (*(("like",) if self.libraries else ()), *self.own_options, *(("features_only",) * self.classifier))

    @property
    def citation(self) -> str:
        """The paper in short: Tan and Le 2019, He et al. 2015."""
        authors, _, rest = self.paper.partition(":")
        names = authors.split(", ")
        short = " and ".join(names) if len(names) < 3 else f"{names[0]} et al."
        return f"{short} {rest[-4:]}"


EXAMPLES = {
    "images": ("image", "images"),
    "masks": ("image", "images"),
    "series": ("series", "series"),
    "text": ("text", "texts"),
    "forecast": ("window", "windows"),
    "audio": ("recording", "recordings"),
    "video": ("clip", "clips"),
}
"""What one example and several are called, by the kind of data."""

AXES = {
    "series": ("steps", "channels"),
    "text": ("words",),
    "forecast": ("steps", "channels"),
    "audio": ("samples",),
    "video": ("frames", "height", "width", "channels"),
}
"""Of what is no image."""

TORCHVISION, KERAS = ("torchvision",), ("keras",)
BOTH = TORCHVISION + KERAS

BACKBONE = "vgg16"
"""Of the networks that are put on top of another."""


def _imagenet(
    family: str,
    module: str,
    paper: str,
    parameters: Mapping[str, int],
    options: tuple[str, ...] = ("norm", "dropout", "small_stem"),
    libraries: tuple[str, ...] = (),
    side: int = 224,
    smallest: int = 32,
    sides: Mapping[str, tuple[int, int]] | None = None,
) -> tuple[Variant, ...]:
    """Rows of networks for colour photographs of 1000 classes."""
    shape, least = (side, side, 3), (smallest, smallest)
    return tuple(
        Variant(name, family, module, paper, count, shape, least, 1000, options, libraries, sides or {})
        for name, count in parameters.items()
    )


def _cifar(
    family: str, module: str, paper: str, parameters: Mapping[str, int], options: tuple[str, ...], smallest: int = 8
) -> tuple[Variant, ...]:
    """Rows of networks for colour images of 32x32 pixels and 10 classes."""
    shape = (32, 32, 3)
    return tuple(
        Variant(name, family, module, paper, count, shape, (smallest, smallest), 10, options)
        for name, count in parameters.items()
    )


def _segmentation(
    module: str,
    paper: str,
    parameters: Mapping[str, int],
    options: tuple[str, ...],
    input_shape: tuple[int, int, int],
    classes: int,
    allowed: Mapping[str, Sides],
) -> tuple[Variant, ...]:
    """Rows of networks that answer a class for every pixel; the family is called as the module."""
    first = next(iter(allowed.values())).smallest
    return tuple(
        Variant(
            name,
            module,
            module,
            paper,
            count,
            input_shape,
            (first, first),
            classes,
            options,
            task="segmentation",
            allowed=allowed,
            data="masks",
        )
        for name, count in parameters.items()
    )


EIGHTHS = {"valid": Sides(380, 8, 4), "same": Sides(8, 8)}
DOUBLED = {"same": Sides(8, doubled=True)}

# fmt: off
_ROWS = (
    Variant("mlp", "mlp", "mlp", by.LECUN_1998, 266_610, (28, 28, 1), (1, 1), 10, ("hidden", "dropout")),

    Variant("neocognitron", "neocognitron", "neocognitron", by.FUKUSHIMA_1980, 29_472, (16, 16, 1), (13, 13), 24,
            task="self-organisation"),
    Variant("lecun1989", "lenet", "lecun1989", by.LECUN_1989, 9_760, (16, 16, 1), (4, 4), 10),
    Variant("lenet5", "lenet", "lenet", by.LECUN_1998, 61_706, (32, 32, 1), (32, 32), 10, ("activation",)),
    Variant("lenet5_1998", "lenet", "lenet", by.LECUN_1998, 60_000, (32, 32, 1), (32, 32), 10),

    *_imagenet("alexnet", "alexnet", by.KRIZHEVSKY_2012, {"alexnet": 60_965_224}, ("dropout", "small_stem"),
               TORCHVISION, side=227, smallest=67, sides={"torchvision": (224, 63)}),

    *_imagenet("vgg", "vgg", by.SIMONYAN_2014, {"vgg11_lrn": 132_863_336, "vgg16_c": 133_638_952}, ("norm", "dropout")),
    *_imagenet("vgg", "vgg", by.SIMONYAN_2014, {
        "vgg11": 132_863_336, "vgg13": 133_047_848,
        "vgg11_bn": 132_868_840, "vgg13_bn": 133_053_736, "vgg16_bn": 138_365_992, "vgg19_bn": 143_678_248,
    }, ("norm", "dropout"), TORCHVISION),
    *_imagenet("vgg", "vgg", by.SIMONYAN_2014, {"vgg16": 138_357_544, "vgg19": 143_667_240}, ("norm", "dropout"), BOTH),

    *_imagenet("googlenet", "googlenet", by.SZEGEDY_2014, {"googlenet": 6_998_552},
               ("norm", "dropout", "small_stem", "aux_heads"), TORCHVISION),

    *_imagenet("resnet", "resnet", by.HE_2015, {"resnet18": 11_689_512, "resnet34": 21_797_672}, libraries=TORCHVISION),
    *_imagenet("resnet", "resnet", by.HE_2015, {
        "resnet50": 25_557_032, "resnet101": 44_549_160, "resnet152": 60_192_808,
    }, libraries=BOTH),
    *_imagenet("resnet", "resnet", by.ZAGORUYKO_2016, {"wide_resnet50_2": 68_883_240}, libraries=TORCHVISION),
    *_cifar("resnet", "resnet_cifar", by.HE_2015, {
        "resnet20_cifar": 269_722, "resnet32_cifar": 464_154, "resnet44_cifar": 658_586, "resnet56_cifar": 853_018,
        "resnet110_cifar": 1_727_962,
    }, ("shortcut", "norm", "dropout")),
    *_cifar("resnet", "resnet_cifar", by.HE_2015, {
        "plain20_cifar": 269_722, "plain32_cifar": 464_154, "plain44_cifar": 658_586, "plain56_cifar": 853_018,
        "plain110_cifar": 1_727_962,
    }, ("norm", "dropout")),
    *_imagenet("resnext", "resnet", by.XIE_2016, {"resnext50_32x4d": 25_028_904, "resnext101_32x8d": 88_791_336},
               libraries=TORCHVISION),
    *_cifar("resnext", "resnet", by.XIE_2016, {"resnext29_8x64d": 34_426_698, "resnext29_16x64d": 68_155_210},
            ("norm", "dropout")),

    *_imagenet("densenet", "densenet", by.HUANG_2016, {"densenet161": 28_681_000}, libraries=TORCHVISION),
    *_imagenet("densenet", "densenet", by.HUANG_2016, {
        "densenet121": 7_978_856, "densenet169": 14_149_480, "densenet201": 20_013_928,
    }, libraries=BOTH),
    *_cifar("densenet", "densenet", by.HUANG_2016, {
        "densenet_l40_k12": 1_019_722, "densenet_bc100_k12": 769_162, "densenet_bc190_k40": 25_624_430,
    }, ("norm", "dropout")),

    *_imagenet("squeezenet", "squeezenet", by.IANDOLA_2016, {"squeezenet1_0": 1_248_424, "squeezenet1_1": 1_235_496},
               libraries=TORCHVISION),
    *_imagenet("mobilenet", "mobilenet_v2", by.SANDLER_2018, {"mobilenet_v2": 3_504_872},
               ("norm", "dropout", "small_stem", "width"), BOTH),
    *_imagenet("shufflenet", "shufflenet_v2", by.MA_2018, {
        "shufflenet_v2_x0_5": 1_366_792, "shufflenet_v2_x1_0": 2_278_604, "shufflenet_v2_x1_5": 3_503_624,
        "shufflenet_v2_x2_0": 7_393_996,
    }, libraries=TORCHVISION),

    *_imagenet("efficientnet", "efficientnet", by.TAN_2019, {"efficientnet_b0": 5_288_548}, libraries=BOTH),
    *_imagenet("efficientnet", "efficientnet", by.TAN_2019, {"efficientnet_b1": 7_794_184}, libraries=BOTH, side=240),
    *_imagenet("efficientnet", "efficientnet", by.TAN_2019, {"efficientnet_b2": 9_109_994}, libraries=BOTH, side=260,
               sides={"torchvision": (288, 32)}),
    *_imagenet("efficientnet", "efficientnet", by.TAN_2019, {"efficientnet_b3": 12_233_232}, libraries=BOTH, side=300),
    *_imagenet("efficientnet", "efficientnet", by.TAN_2019, {"efficientnet_b4": 19_341_616}, libraries=BOTH, side=380),
    *_imagenet("efficientnet", "efficientnet", by.TAN_2019, {"efficientnet_b5": 30_389_784}, libraries=BOTH, side=456),
    *_imagenet("efficientnet", "efficientnet", by.TAN_2019, {"efficientnet_b6": 43_040_704}, libraries=BOTH, side=528),
    *_imagenet("efficientnet", "efficientnet", by.TAN_2019, {"efficientnet_b7": 66_347_960}, libraries=BOTH, side=600),
    *_imagenet("efficientnet", "efficientnet", by.TAN_2019, {"efficientnet_lite0": 4_652_008}),
    *_imagenet("efficientnet", "efficientnet", by.TAN_2019, {"efficientnet_lite1": 5_416_680}, side=240),
    *_imagenet("efficientnet", "efficientnet", by.TAN_2019, {"efficientnet_lite2": 6_092_072}, side=260),
    *_imagenet("efficientnet", "efficientnet", by.TAN_2019, {"efficientnet_lite3": 8_197_096}, side=280),
    *_imagenet("efficientnet", "efficientnet", by.TAN_2019, {"efficientnet_lite4": 13_006_568}, side=300),

    *_cifar("all_cnn", "all_cnn", by.SPRINGENBERG_2014, {
        "base_cnn_a": 839_242, "strided_cnn_a": 839_242, "convpool_cnn_a": 1_254_250, "all_cnn_a": 1_254_250,
        "base_cnn_b": 885_610, "strided_cnn_b": 885_610, "convpool_cnn_b": 1_300_618, "all_cnn_b": 1_300_618,
        "base_cnn_c": 954_730, "strided_cnn_c": 954_730, "convpool_cnn_c": 1_369_738, "all_cnn_c": 1_369_738,
    }, ("norm", "dropout"), smallest=9),

    *_segmentation("unet", by.RONNEBERGER_2015, {"unet": 31_030_658}, ("base", "padding", "norm", "dropout"),
                   (572, 572, 1), 2, {"valid": Sides(188, 16, 12), "same": Sides(16, 16)}),
    *_segmentation("fcn", by.LONG_2015, {"fcn32s": 136_152_917, "fcn16s": 134_815_994, "fcn8s": 134_489_759},
                   ("backbone", "backbone_options", "head", "dropout", "fixed_last"),
                   (512, 512, 3), 21, {"same": Sides(32, 32)}),
    *_segmentation("dilated", by.YU_2016, {"dilated_frontend": 134_346_581},
                   ("base", "head", "padding", "norm", "dropout"), (900, 900, 3), 21, EIGHTHS),
    *_segmentation("dilated", by.YU_2016, {"dilated_context": 134_374_973},
                   ("base", "head", "padding", "norm", "dropout", "context"), (900, 900, 3), 21, EIGHTHS),

    Variant("autoencoder", "autoencoder", "autoencoder", by.HINTON_2006, 462_177, (32, 32, 1), (8, 8), 0,
            ("latent", "base", "upsampling"), task="reconstruction", allowed=DOUBLED),
    Variant("vae", "autoencoder", "autoencoder", by.KINGMA_2014, 527_745, (32, 32, 1), (8, 8), 0,
            ("latent", "base", "upsampling"), task="reconstruction", allowed=DOUBLED),
    Variant("dcgan", "dcgan", "dcgan", by.RADFORD_2016, 36_283_648, (64, 64, 3), (8, 8), 10,
            ("latent", "base", "kernel", "upsampling"), task="generation", allowed=DOUBLED),

    Variant("tcn", "tcn", "tcn", by.BAI_2018, 70_369, (600, 2), (1,), 1,
            ("filters", "levels", "kernel", "dropout", "answer"), ("locuslab",), task="sequences", data="series"),
    Variant("lstm", "recurrent", "recurrent", by.HOCHREITER_1997, 69_291, (600, 2), (1,), 1,
            ("units", "depth", "dropout", "forget_bias", "answer"), task="sequences", data="series"),
    Variant("gru", "recurrent", "recurrent", by.CHO_2014, 70_367, (600, 2), (1,), 1,
            ("units", "depth", "dropout", "answer"), task="sequences", data="series"),
    Variant("conditional_wavenet", "conditional_wavenet", "conditional_wavenet", by.BOROVYKH_2017, 17_928, (128, 8),
            (1,), 8, ("conditional", "filters", "levels"), task="forecasting", data="forecast"),
    Variant("text_cnn", "text_cnn", "text_cnn", by.KIM_2014, 5_991_002, (56,), (1,), 2,
            ("vocabulary", "dimensions", "windows", "filters", "dropout", "max_norm", "embedding"), data="text"),

    Variant("spectrogram_cnn", "spectrogram_cnn", "spectrogram_cnn", by.HERSHEY_2017, 295_002, (8000,), (561,), 10,
            ("rate", "bins", "filters", "norm", "dropout"), data="audio"),
    Variant("wavenet", "wavenet", "wavenet", by.OORD_2016, 256_000, (4000,), (1,), 256,
            ("filters", "skip", "stacks", "levels", "kernel", "conditions", "local", "hop"), task="autoregression",
            data="audio"),
    Variant("wave_lstm", "recurrent", "recurrent", by.HOCHREITER_1997, 255_288, (4000,), (1,), 256,
            ("units", "depth", "conditions", "local", "hop"), task="autoregression", data="audio"),

    Variant("ji2013", "ji2013", "ji2013", by.JI_2013, 285_602, (7, 60, 40, 1), (6, 24, 22), 3, data="video"),
    *(Variant(name, "fusion", "karpathy", by.KARPATHY_2014, count, (frames, 170, 170, 3), (6, 32, 32), 487,
              ("width", "units", "dropout", "small_stem"), data="video")
      for name, count, frames in (("single_frame", 60_276_583, 10), ("late_fusion", 98_025_319, 16),
                                  ("early_fusion", 60_590_215, 10), ("slow_fusion", 61_880_263, 10))),
    Variant("c3d_small", "c3d", "c3d", by.TRAN_2015, 181_146, (16, 32, 32, 1), (4, 8, 8), 10,
            ("filters", "norm", "dropout"), data="video"),
    Variant("two_stream_3d", "two_stream", "two_stream", by.HUANG_2018, 140_842, (16, 32, 32, 1), (2, 8, 8), 10,
            ("filters", "norm", "dropout"), data="video"),
    Variant("r3d_18", "r3d", "r3d", by.TRAN_2018, 33_371_472, (16, 112, 112, 3), (8, 16, 16), 400,
            ("norm", "dropout"), TORCHVISION, data="video"),
)
# fmt: on
CATALOG: dict[str, Variant] = {row.name: row for row in _ROWS}


def variant(name: str) -> Variant:
    """The row of that name. Raises InputError, with the nearest name, where there is none."""
    if name not in CATALOG:
        raise unknown("model", name, CATALOG)
    return CATALOG[name]

import keras
import pytest
from keras import layers

from kcnn.errors import InputError
from kcnn.layers import (
    CausalConv1D,
    Fire,
    FramesAsMaps,
    FrameSlice,
    MotionChannels,
    TemporalPooling,
    TemporalSubsampling,
    TrainableSubsampling,
    TransposedConv2D,
    WeightNorm,
)
from kcnn.models import build, build_without_weights
from kcnn.models.summary import receptive_fields, summarise

C1, C5, F6, OUTPUT = 28 * 28 * 6 * 25, 120 * 400, 84 * 120, 10 * 84
RESIDUAL = 32 * 32 * 16 * 16 * 9  # a convolution of any stage; the two that halve the maps cost half


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("mlp", 784 * 300 + 300 * 100 + 100 * 10),
        ("lenet5", C1 + 10 * 10 * 16 * 150 + C5 + F6 + OUTPUT),
        # Subsampling multiplies once an output; C3 has 60 connections.
        ("lenet5_1998", C1 + 14 * 14 * 6 + 10 * 10 * 60 * 25 + 5 * 5 * 16 + C5 + F6 + OUTPUT),
        ("resnet20_cifar", 32 * 32 * 27 * 16 + 16 * RESIDUAL + 2 * RESIDUAL // 2 + 64 * 10),
    ],
)
def test_multiply_adds_are_those_counted_by_hand(name, expected):
    assert summarise(build(name)).multiply_adds == expected


def test_a_row_says_what_a_layer_is_and_costs():
    row = next(row for row in summarise(build("lenet5")).rows if row.name == "c3")

    assert (row.kind, row.shape, row.parameters) == ("Conv2D", (10, 10, 16), 2_416)
    assert row.multiply_adds == 240_000


def test_totals_tell_trained_parameters_from_the_others():
    summary = summarise(build("lenet5_1998"))

    assert (summary.trainable_parameters, summary.non_trainable_parameters) == (60_000, 840)
    assert summary.multiply_adds == sum(row.multiply_adds for row in summary.rows)


def test_groups_depth_and_dense_layers_on_maps_are_counted():
    inputs = keras.Input((6, 5, 4))
    x = layers.Conv2D(8, 3, groups=2)(inputs)  # (4, 3, 8)
    x = layers.DepthwiseConv2D(2, depth_multiplier=2)(x)  # (3, 2, 16)
    x = layers.Dense(7)(x)

    rows = summarise(keras.Model(inputs, x)).rows

    assert [row.multiply_adds for row in rows] == [0, 12 * 9 * 2 * 8, 6 * 4 * 16, 6 * 16 * 7]


def test_a_layer_with_weights_of_unknown_cost_is_not_counted_as_free():
    inputs = keras.Input((6, 4))
    model = keras.Model(inputs, layers.SimpleRNN(3, name="memory")(inputs))

    with pytest.raises(InputError, match="'memory' are unknown: SimpleRNN"):
        summarise(model)


def test_layers_along_time_are_counted():
    words = keras.Input((9,), dtype="int32")
    x = layers.Embedding(20, 4)(words)
    x = layers.Conv1D(6, 3, strides=2)(x)  # (4, 6)
    x = WeightNorm(layers.Conv1D(5, 2))(x)  # (3, 5)
    x = layers.LSTM(7, return_sequences=True)(x)
    x = layers.GRU(8)(x)

    rows = summarise(keras.Model(words, x)).rows

    expected = [0, 0, 4 * 3 * 4 * 6, 3 * 2 * 6 * 5, 3 * 4 * 7 * (5 + 7), 3 * 3 * 8 * (7 + 8)]
    assert [row.multiply_adds for row in rows] == expected


def test_without_a_number_of_steps_multiply_adds_are_unknown():
    inputs = keras.Input((None, 4))
    model = keras.Model(inputs, layers.LSTM(3, name="memory")(inputs))

    with pytest.raises(InputError, match="'memory' are unknown: the number of steps of its input must be known"):
        summarise(model)


# What torchvision publishes, in 1e9, for the side of its default image.
TORCHVISION = {
    "alexnet": 0.714,
    "vgg11": 7.609,
    "vgg13": 11.308,
    "vgg16": 15.470,
    "vgg19": 19.632,
    "googlenet": 1.498,
    "resnet18": 1.814,
    "resnet34": 3.664,
    "resnet50": 4.089,
    "resnet101": 7.801,
    "resnet152": 11.514,
    "wide_resnet50_2": 11.398,
    "resnext50_32x4d": 4.230,
    "resnext101_32x8d": 16.414,
    "densenet121": 2.834,
    "densenet161": 7.728,
    "densenet169": 3.360,
    "densenet201": 4.291,
    "squeezenet1_0": 0.819,
    "squeezenet1_1": 0.349,
    "mobilenet_v2": 0.301,
    "shufflenet_v2_x0_5": 0.040,
    "shufflenet_v2_x1_0": 0.145,
    "shufflenet_v2_x1_5": 0.296,
    "shufflenet_v2_x2_0": 0.583,
    "efficientnet_b0": 0.386,
    "efficientnet_b1": 0.687,
    "efficientnet_b2": 1.088,
    "efficientnet_b3": 1.827,
    "efficientnet_b4": 4.394,
    "efficientnet_b5": 10.266,
    "efficientnet_b6": 19.068,
    "efficientnet_b7": 37.746,
}


@pytest.mark.parametrize("name", TORCHVISION)
def test_multiply_adds_are_those_that_torchvision_publishes(name):
    counted = summarise(build_without_weights(name, like="torchvision")).multiply_adds / 1e9

    assert counted == pytest.approx(TORCHVISION[name], rel=0.01, abs=0.0005)


# Araujo, Norris, Sim 2019, "Computing Receptive Fields of Convolutional Neural Networks", table 1.
@pytest.mark.parametrize(
    ("name", "field"), [("alexnet", 195), ("vgg16", 212), ("resnet50", 483), ("resnet101", 1027), ("resnet152", 1507)]
)
def test_the_last_maps_see_as_much_as_is_published(name, field):
    fields = receptive_fields(build_without_weights(name))

    assert fields["features"].size == field
    assert fields["logits"].size is None


def test_a_block_that_is_one_layer_sees_what_its_layers_see():
    inputs = keras.Input((9, 9, 4))
    x = layers.Conv2D(4, 3, strides=2, name="conv")(inputs)
    model = keras.Model(inputs, Fire(2, 3, 3, name="fire")(x))

    fields = receptive_fields(model)

    assert (fields["conv"].size, fields["conv"].stride) == (3, 2)
    assert (fields["fire"].size, fields["fire"].stride) == (7, 2)


def test_gates_and_dilation_are_taken_into_account_as_is_said():
    fields = receptive_fields(build_without_weights("efficientnet_b0"))
    assert fields["stage1_block1_se_expand_sigmoid"].size is None
    assert fields["stage1_block1_se_excite"].size == 7

    inputs = keras.Input((16, 16, 1))
    dilated = layers.Conv2D(1, 3, dilation_rate=4, name="dilated")(inputs)
    assert receptive_fields(keras.Model(inputs, dilated))["dilated"].size == 9


def test_blocks_are_the_rows_of_the_papers_table():
    summary = summarise(build_without_weights("resnet18"))
    rows = {row.name: row for row in summary.blocks}

    assert list(rows)[:4] == ["image", "stem", "stage1_block1", "stage1_block2"]
    assert rows["stem"].kind == "7x7 64 /2, 3x3 max /2"
    assert rows["stage2_block1"].kind == "3x3 128 /2, 1x1 128 /2, 3x3 128"
    assert rows["stage2_block1"].shape == (28, 28, 128)
    assert sum(row.parameters for row in summary.blocks) == sum(row.parameters for row in summary.rows)
    assert sum(row.multiply_adds for row in summary.blocks) == summary.multiply_adds


def test_groups_depth_and_gates_are_named_in_a_block():
    def kind(name, block):
        return next(row.kind for row in summarise(build_without_weights(name)).blocks if row.name == block)

    assert "3x3 128 in 32 groups" in kind("resnext50_32x4d", "stage1_block1")
    assert kind("efficientnet_b0", "stage1_block1") == "3x3 depthwise, gate 8, 1x1 16"
    assert kind("vgg11", "fc1") == "dense 4096"


def test_layers_along_time_see_their_windows_and_recurrent_ones_everything():
    words = keras.Input((60,), dtype="int32", name="words")
    x = layers.Embedding(20, 4, name="vectors")(words)
    x = WeightNorm(CausalConv1D(6, 3, dilation_rate=4), name="dilated")(x)
    x = TemporalSubsampling(2, name="every_second")(x)
    x = layers.MaxPooling1D(2, name="halved")(x)
    x = CausalConv1D(6, 3, name="causal")(x)
    ends = {mode: TemporalPooling(mode, name=mode)(x) for mode in ("last", "max", "mean")}
    ends["lstm"] = layers.LSTM(3, name="lstm")(x)
    ends["average"] = layers.GlobalAveragePooling1D(name="average")(x)

    fields = receptive_fields(keras.Model(words, ends))

    path = ("words", "vectors", "dilated", "every_second", "halved", "causal", "last")
    assert [fields[name].size for name in path] == [1, 1, 9, 9, 11, 19, 19]
    assert all(fields[name].size is None for name in ("max", "mean", "lstm", "average"))


def test_a_code_and_a_label_see_nothing_of_an_image():
    inputs = [keras.Input((5,), name="code"), keras.Input((), dtype="int32", name="label")]
    x = layers.Concatenate()([layers.Dense(2)(inputs[0]), layers.Embedding(3, 2)(inputs[1])])
    fields = receptive_fields(keras.Model(inputs, x))

    assert {field.size for field in fields.values()} == {0}


@pytest.mark.parametrize(("name", "field"), [("lenet5", 16), ("resnet50", 483), ("mlp", None), ("dcgan", None)])
def test_the_field_of_a_model_is_that_of_its_features_or_its_answer(name, field):
    assert summarise(build_without_weights(name)).receptive_field == field


@pytest.mark.parametrize(
    ("layer", "size", "stride"),
    [
        (TransposedConv2D(2, 2, strides=2, name="up"), 3, 1),
        (TransposedConv2D(2, 4, strides=2, padding=1, name="up"), 5, 1),
        (TransposedConv2D(2, 3, strides=2, dilation=2, name="up"), 7, 1),
        (layers.Conv2DTranspose(2, 5, strides=2, name="up"), 7, 1),
        (layers.UpSampling2D(2, name="up"), 3, 1),
        (layers.UpSampling2D(4, interpolation="bilinear", name="up"), 5, 0.5),
        (layers.UpSampling2D(3, interpolation="bilinear", name="up"), 5, 2 / 3),
    ],
)
def test_the_field_behind_an_enlargement_is_that_of_the_place_that_sees_most(layer, size, stride):
    inputs = keras.Input((8, 8, 2))
    x = layers.Conv2D(2, 3, strides=2)(inputs)

    field = receptive_fields(keras.Model(inputs, layer(x)))["up"]

    assert (field.size, float(field.stride)) == (size, pytest.approx(stride))


def test_the_field_behind_another_interpolation_is_not_guessed():
    inputs = keras.Input((4, 4, 2))
    model = keras.Model(inputs, layers.UpSampling2D(2, interpolation="bicubic", name="up")(inputs))

    with pytest.raises(InputError, match="receptive field of layer 'up' is unknown: bicubic"):
        receptive_fields(model)


def test_enlargement_and_dilation_are_named_in_a_block():
    inputs = keras.Input((8, 8, 2))
    x = layers.Conv2D(4, 3, padding="same", dilation_rate=2, name="a_conv")(inputs)
    x = TransposedConv2D(6, 4, strides=2, padding="same", name="a_up")(x)
    model = keras.Model(inputs, layers.UpSampling2D(3, name="a_repeat")(x))

    assert summarise(model).blocks[-1].kind == "3x3 4 dilated 2, 4x4 6 up 2, nearest up 3"


def test_one_axis_and_recurrence_are_named_in_a_block():
    inputs = keras.Input((16, 2))
    x = WeightNorm(CausalConv1D(4, 8, dilation_rate=4), name="a_conv")(inputs)
    x = layers.Conv1D(6, 3, strides=2, name="a_halved")(x)
    x = layers.MaxPooling1D(2, name="a_pool")(x)
    x = layers.GRU(5, return_sequences=True, name="a_gru")(x)
    model = keras.Model(inputs, TemporalPooling("mean", name="a_pooled")(x))

    assert summarise(model).blocks[-1].kind == "8x 4 dilated 4, 3x 6 /2, 2x max /2, gru 5, mean"


def test_time_height_and_width_are_named_in_a_block():
    clip = keras.Input((8, 16, 12, 1))
    x = layers.Conv3D(4, (3, 7, 7), strides=(1, 2, 2), padding="same", name="a_conv")(clip)
    x = layers.MaxPooling3D(2, name="a_pool")(x)
    x = FrameSlice(0, 4, 3, name="a_frames")(x)
    model = keras.Model(clip, layers.Conv3D(5, 1, name="a_last")(x))

    assert summarise(model).blocks[-1].kind == "3x7x7 4 /1x2x2, 2x2x2 max /2, frames 0 to 3 /3, 1x1x1 5"


def test_a_kernel_that_is_no_square_is_named_as_it_is():
    image = keras.Input((9, 8, 1))

    assert summarise(keras.Model(image, layers.Conv2D(3, (7, 4), name="a_conv")(image))).blocks[-1].kind == "7x4 3"


def test_convolutions_of_clips_are_counted():
    clip = keras.Input((8, 16, 12, 2))
    model = keras.Model(clip, layers.Conv3D(4, (3, 5, 2))(clip))  # (6, 12, 11, 4)

    assert summarise(model).multiply_adds == 6 * 12 * 11 * (3 * 5 * 2 * 2 * 4)


def test_frames_and_pixels_that_a_place_sees_are_told_apart():
    clip = keras.Input((9, 32, 32, 1), name="clip")
    x = MotionChannels(name="motion")(clip)
    x = layers.Conv3D(4, (3, 7, 7), strides=(1, 2, 2), name="conv")(x)
    x = layers.MaxPooling3D((2, 3, 3), name="pool")(x)
    x = TrainableSubsampling(2, name="subsampled")(x)
    x = FramesAsMaps(name="joined")(FrameSlice(0, 2, name="two")(x))
    model = keras.Model(clip, layers.Dense(3, name="answer")(layers.Flatten(name="flat")(x)))

    rows = {row.name: row for row in summarise(model).rows}

    names = ("clip", "motion", "conv", "pool", "subsampled", "joined", "flat", "answer")
    assert [rows[name].frames for name in names] == [1, 2, 4, 5, 5, 7, 7, 7]
    assert [rows[name].receptive_field for name in names] == [1, 7, 13, 17, 23, 23, None, None]


def test_frames_are_those_of_clips_alone_and_never_more_than_there_are():
    assert all(row.frames is None for row in summarise(build("lenet5")).rows)

    clip = keras.Input((4, 8, 8, 1))
    x = layers.Conv3D(2, 3, padding="same")(layers.Conv3D(2, 3, padding="same")(clip))
    pooled = keras.Model(clip, layers.GlobalAveragePooling3D(name="pooled")(x))
    assert [row.frames for row in summarise(pooled).rows] == [1, 3, 4, 4]


def test_the_frames_of_a_single_frame_stay_one_in_dense_layers():
    clip = keras.Input((9, 8, 8, 1))
    x = layers.Flatten()(FrameSlice(4, 5)(clip))

    assert [row.frames for row in summarise(keras.Model(clip, layers.Dense(3)(x))).rows] == [1, 1, 1, 1]


def test_the_layers_of_parallel_branches_are_a_block_each():
    inputs = keras.Input((16, 2), name="series")
    branches = [layers.Conv1D(4, 3, padding="same", name=f"{name}_conv")(inputs) for name in ("left", "right")]
    branches = [
        layers.Activation("relu", name=f"{name}_relu")(x) for name, x in zip(("left", "right"), branches, strict=True)
    ]

    blocks = summarise(keras.Model(inputs, layers.Add(name="sum")(branches))).blocks

    assert [block.name for block in blocks] == ["series", "left", "right", "sum"]


def test_the_layers_of_a_network_inside_are_listed_and_counted_once():
    maps = keras.Input((8, 8, 2), name="maps")
    part = keras.Model(maps, layers.Conv2D(2, 3, padding="same", name="conv")(maps), name="part")
    inputs = keras.Input((8, 8, 2), name="image")
    model = keras.Model(inputs, layers.Conv2D(1, 3, name="last")(part(part(inputs))))
    rows = {row.name: row for row in summarise(model).rows}

    assert list(rows) == ["image", "part/maps", "part/conv", "last"]
    assert rows["part/conv"].parameters == 3 * 3 * 2 * 2 + 2
    assert rows["part/conv"].receptive_field == 3
    assert summarise(model).trainable_parameters == model.count_params()

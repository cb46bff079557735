import pytest
from keras import layers

from kcnn.models import build_without_weights
from tests.contracts.model import ModelContract

OTHERS = [
    f"{kind}_cnn_{letter}"
    for letter in "abc"
    for kind in ("base", "strided", "convpool", "all")
    if (kind, letter) != ("all", "c")
]


@pytest.mark.parametrize("name", ["all_cnn_c", *(pytest.param(name, marks=pytest.mark.slow) for name in OTHERS)])
class TestContract(ModelContract):
    pass


def convolutions(name):
    """(kernel, filters, stride) of each, and the number of poolings before it."""
    found, poolings = [], 0
    for layer in build_without_weights(name).layers:
        poolings += isinstance(layer, layers.MaxPooling2D)
        if isinstance(layer, layers.Conv2D):
            found.append((layer.kernel_size[0], layer.filters, layer.strides[0], poolings))
    return found


TAIL = ((3, 192, 1), (1, 192, 1), (1, 10, 1))


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("base_cnn_a", [(5, 96, 1, 0), (5, 192, 1, 1), *((*row, 2) for row in TAIL)]),
        ("base_cnn_b", [(5, 96, 1, 0), (1, 96, 1, 0), (5, 192, 1, 1), (1, 192, 1, 1), *((*row, 2) for row in TAIL)]),
        ("base_cnn_c", [(3, 96, 1, 0), (3, 96, 1, 0), (3, 192, 1, 1), (3, 192, 1, 1), *((*row, 2) for row in TAIL)]),
        ("strided_cnn_c", [(3, 96, 1, 0), (3, 96, 2, 0), (3, 192, 1, 0), (3, 192, 2, 0), *((*row, 0) for row in TAIL)]),
        (
            "convpool_cnn_c",
            [*[(3, 96, 1, 0)] * 3, *[(3, 192, 1, 1)] * 3, *((*row, 2) for row in TAIL)],
        ),
        (
            "all_cnn_c",
            [*[(3, 96, 1, 0)] * 2, (3, 96, 2, 0), *[(3, 192, 1, 0)] * 2, (3, 192, 2, 0), *((*row, 0) for row in TAIL)],
        ),
    ],
)
def test_the_layers_are_those_of_tables_1_and_2(name, expected):
    assert convolutions(name) == expected


@pytest.mark.parametrize("name", ["base_cnn_a", "strided_cnn_b", "convpool_cnn_c", "all_cnn_c"])
def test_the_means_are_taken_over_6x6_places(name):
    assert build_without_weights(name).get_layer("features").output.shape[1:] == (6, 6, 192)


def test_pixels_are_dropped_less_than_maps():
    model = build_without_weights("all_cnn_c")

    assert [layer.rate for layer in model.layers if isinstance(layer, layers.Dropout)] == [0.2, 0.5, 0.5]
    assert not any(isinstance(layer, layers.Dropout) for layer in build_without_weights("all_cnn_c", dropout=0).layers)

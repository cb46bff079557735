import keras
import pytest

from kcnn.models import build_without_weights
from kcnn.models.summary import summarise
from kcnn.models.weightless import without_weights
from tests.contracts.model import ModelContract


@pytest.mark.parametrize("name", ["mobilenet_v2"])
class TestContract(ModelContract):
    pass


def test_the_stages_have_the_maps_of_table_2():
    model = build_without_weights("mobilenet_v2")
    taps = ("stem", "stage1", "stage2", "stage3", "stage4", "stage5", "features")

    assert [model.get_layer(tap).output.shape[1:] for tap in taps] == [
        (112, 112, 32),
        (112, 112, 16),
        (56, 56, 24),
        (28, 28, 32),
        (14, 14, 96),
        (7, 7, 320),
        (7, 7, 1280),
    ]


@pytest.mark.parametrize("width", [0.35, 0.5, 0.75, 1.3, 1.4])
def test_width_multiplies_the_maps_as_in_keras_applications(width):
    theirs = without_weights(lambda: keras.applications.MobileNetV2(alpha=width, weights=None))

    ours = summarise(build_without_weights("mobilenet_v2", width=width))

    assert ours.trainable_parameters + ours.non_trainable_parameters == theirs.count_params()


@pytest.mark.parametrize(
    ("like", "padding", "epsilon"), [(None, 0, 1e-3), ("keras", 0, 1e-3), ("torchvision", 1, 1e-5)]
)
def test_the_forms_differ_in_padding_and_epsilon(like, padding, epsilon):
    model = build_without_weights("mobilenet_v2", like=like)

    assert any(layer.name == "stem_pad" for layer in model.layers) == padding
    assert model.get_layer("stem_norm").epsilon == epsilon

import pytest

from kcnn.models import build_without_weights
from tests.contracts.model import ModelContract

OTHERS = ["shufflenet_v2_x1_0", "shufflenet_v2_x1_5", "shufflenet_v2_x2_0"]


@pytest.mark.parametrize(
    "name", ["shufflenet_v2_x0_5", *(pytest.param(name, marks=pytest.mark.slow) for name in OTHERS)]
)
class TestContract(ModelContract):
    pass


def test_the_stages_have_the_maps_of_table_5():
    model = build_without_weights("shufflenet_v2_x1_0")
    taps = ("stem", "stage1", "stage2", "stage3", "features")

    assert [model.get_layer(tap).output.shape[1:] for tap in taps] == [
        (56, 56, 24),
        (28, 28, 116),
        (14, 14, 232),
        (7, 7, 464),
        (7, 7, 1024),
    ]

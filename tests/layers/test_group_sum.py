import numpy as np
import pytest

from kcnn.errors import InputError
from kcnn.layers import GroupSum
from tests.contracts.layer import LayerContract


class TestContract(LayerContract):
    input_shape = (5, 6)

    def make(self, **kwargs):
        return GroupSum(3, **kwargs)


def test_runs_of_channels_are_added():
    x = np.arange(12, dtype="float32").reshape(1, 2, 6)

    np.testing.assert_array_equal(GroupSum(3)(x)[0], [[0 + 2 + 4, 1 + 3 + 5], [6 + 8 + 10, 7 + 9 + 11]])


@pytest.mark.parametrize(
    ("groups", "message"), [(0, "at least 1, got 0"), (4, "must divide the channels, got 4 for 6")]
)
def test_groups_that_do_not_divide_are_refused(groups, message):
    with pytest.raises(InputError, match=message):
        GroupSum(groups)(np.zeros((1, 2, 6)))

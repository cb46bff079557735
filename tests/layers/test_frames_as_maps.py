import numpy as np

from kcnn.layers import FramesAsMaps
from tests.contracts.layer import LayerContract


class TestContract(LayerContract):
    input_shape = (3, 4, 2, 2)

    def make(self, **kwargs):
        return FramesAsMaps(**kwargs)


def test_a_map_of_the_picture_is_a_map_of_a_frame():
    clip = np.random.default_rng(0).normal(size=(2, 3, 4, 5, 2)).astype("float32")

    picture = np.asarray(FramesAsMaps()(clip))

    assert picture.shape == (2, 4, 5, 6)
    for frame, channel in np.ndindex(3, 2):
        np.testing.assert_array_equal(picture[..., 2 * frame + channel], clip[:, frame, ..., channel])

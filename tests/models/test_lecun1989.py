import numpy as np
import pytest

from kcnn.models import build
from kcnn.models.lecun1989 import H2_TABLE
from kcnn.models.summary import summarise
from tests.contracts.model import ModelContract


@pytest.mark.parametrize("name", ["lecun1989"])
class TestContract(ModelContract):
    pass


def test_every_layer_has_the_papers_units_and_parameters():
    blocks = {row.name: (row.parameters, row.shape) for row in summarise(build("lecun1989")).blocks}

    assert blocks["h1"] == (1_068, (8, 8, 12))
    assert blocks["h2"] == (2_592, (4, 4, 12))
    assert blocks["h3"] == (5_790, (30,))
    assert blocks["logits"] == (310, (10,))


def test_it_has_the_papers_64660_connections():
    """A connection is a weight's use or a bias's; there are 1,256 units, the 256 pixels included."""
    summary = summarise(build("lecun1989"))
    units = 768 + 192 + 30 + 10

    assert units + 256 == 1_256
    assert summary.multiply_adds + units == 64_660


def test_each_map_of_h2_sees_eight_of_twelve():
    table = np.array(H2_TABLE)

    assert table.shape == (12, 12)
    assert (table.sum(axis=0) == 8).all()
    assert (table.sum(axis=1) == 8).all()


def test_beyond_the_border_there_is_background():
    """An image of background alone gives every unit of a map the same sum, also at the border."""
    model = build("lecun1989")
    sums = np.array(model.get_layer("h1")(model.get_layer("h1_background")(np.full((1, 16, 16, 1), -1.0, "float32"))))

    np.testing.assert_allclose(sums, np.broadcast_to(sums[:, :1, :1], sums.shape), rtol=1e-5, atol=1e-6)

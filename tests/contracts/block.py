"""What every block must do besides what a layer must: be the same thing as one layer and as many."""

import keras
import numpy as np

from kcnn.layers.block import Block
from tests.contracts.layer import LayerContract


class BlockContract(LayerContract):
    """Subclasses set the shape of one example and `make`, as for a layer."""

    def make(self, **kwargs) -> Block:
        raise NotImplementedError

    def test_in_line_it_computes_what_it_computes_as_one_layer(self):
        whole = self.make(name="whole")
        whole.build((None, *self.input_shape))
        inputs = keras.Input(self.input_shape)
        flat = keras.Model(inputs, self.make(name="flat").inline(inputs))
        assert len(flat.layers) > 2
        flat.set_weights(whole.get_weights())

        np.testing.assert_array_equal(flat(self.batch()), whole(self.batch()))

    def test_its_layers_bear_its_name(self):
        inputs = keras.Input(self.input_shape)
        made = keras.Model(inputs, self.make(name="mine").inline(inputs)).layers[1:]

        assert all(layer.name.startswith("mine_") for layer in made)

    def test_every_layer_in_it_has_its_precision(self):
        block = self.make(dtype="mixed_bfloat16")
        block.build((None, *self.input_shape))

        assert {layer.compute_dtype for layer in block.graph.layers} == {"bfloat16"}
        assert keras.config.dtype_policy().name == "float32"

    def test_once_built_it_takes_images_of_any_size(self):
        block = self.make()
        block.build((None, *self.input_shape))
        larger = (2, self.input_shape[0] + 3, self.input_shape[1] + 2, self.input_shape[2])

        assert tuple(block(np.ones(larger, "float32")).shape) == tuple(block.compute_output_shape(larger))

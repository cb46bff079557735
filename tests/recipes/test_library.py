"""The recipes that kcnn ships."""

import dataclasses
import re

import pytest

from kcnn.errors import InputError
from kcnn.recipes import Recipe, from_json, load, names, to_json
from kcnn.recipes.library import story

SHIPPED = [
    "autoencoder_mnist",
    "c3d_small_motions",
    "conditional_wavenet_exchange",
    "dcgan_mnist",
    "dilated_context_membranes",
    "dilated_frontend_membranes",
    "early_fusion_motions",
    "fcn8s_membranes",
    "ji2013_motions",
    "late_fusion_motions",
    "lenet5_1998_mnist",
    "lenet5_digits",
    "lenet5_mnist",
    "lstm_adding",
    "lstm_copy",
    "lstm_exchange",
    "mlp_digits",
    "mlp_mnist",
    "plain20_cifar10",
    "resnet20_cifar10",
    "resnet20_digits",
    "resnet20_folder",
    "single_frame_motions",
    "slow_fusion_motions",
    "spectrogram_cnn_digits",
    "tcn_adding",
    "tcn_copy",
    "tcn_jsb",
    "tcn_mnist",
    "tcn_nottingham",
    "tcn_pmnist",
    "text_cnn_polarity",
    "two_stream_3d_motions",
    "unet_membranes",
    "vae_mnist",
    "wave_lstm_digits",
    "wavenet_digits",
    "wavenet_exchange",
]


def test_the_library_has_the_recipes_that_the_documentation_names():
    assert names() == SHIPPED


@pytest.mark.parametrize("name", SHIPPED)
def test_a_recipe_bears_its_file_s_name_and_tells_its_command(name):
    assert load(name).name == name
    assert re.search(rf"kcnn (train|crossvalidate|repeat) {name}", story(name))


@pytest.mark.parametrize("name", SHIPPED)
def test_a_recipe_survives_json(name):
    assert from_json(Recipe, to_json(load(name))) == load(name)


def test_a_recipe_is_immutable():
    recipe = load("lenet5_digits")
    with pytest.raises(dataclasses.FrozenInstanceError):
        recipe.train.epochs = 3
    with pytest.raises(TypeError):
        recipe.model.options["dropout"] = 0.5


def test_an_unknown_recipe_is_answered_with_the_nearest():
    with pytest.raises(InputError, match="unknown recipe 'lenet5_digit': did you mean 'lenet5_digits'"):
        load("lenet5_digit")


def test_a_variation_is_dataclasses_replace():
    recipe = load("lenet5_digits")
    varied = dataclasses.replace(recipe, train=dataclasses.replace(recipe.train, epochs=1))
    assert varied.train.epochs == 1


def test_replace_checks_values_too():
    recipe = load("lenet5_digits")
    with pytest.raises(ValueError, match="greater than 0"):
        dataclasses.replace(recipe.train, epochs=0)

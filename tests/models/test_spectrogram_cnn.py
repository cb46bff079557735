import keras
import numpy as np
import pytest

from kcnn.errors import InputError
from kcnn.layers import LogMel
from kcnn.models import build, build_without_weights, check
from kcnn.models.summary import receptive_fields, summarise
from tests.contracts.compiled import compiled
from tests.contracts.sequences import SequenceContract

SMALL = {"filters": 4, "bins": 8, "rate": 1000}
LEAST = 7 * 10 + 1


class TestContract(SequenceContract):
    name, options, shape = "spectrogram_cnn", {**SMALL, "dropout": 0.0}, (120,)
    least = LEAST

    def inputs(self, count=4, steps=None):
        return np.random.default_rng(0).uniform(-1, 1, (count, *self.shape)).astype("float32")[:, :steps]

    def test_examples_may_be_of_any_length(self):
        model = self.make((None,))

        for steps in (self.least, 100, 120):
            fixed = self.make((steps,))
            fixed.set_weights(model.get_weights())
            np.testing.assert_allclose(model(self.inputs(steps=steps)), fixed(self.inputs(steps=steps)), atol=1e-5)

    def test_a_few_steps_of_training_move_every_weight_and_lower_the_loss(self):
        """Statistics of batches move too."""
        keras.utils.set_random_seed(0)
        model = compiled(self.make(), keras.optimizers.Adam(self.rate))
        before = model.get_weights()

        losses = [float(model.train_on_batch(self.inputs(8), np.arange(8) % self.classes)) for _ in range(6)]

        assert losses[-1] < losses[0]
        for weight, old, new in zip(model.weights, before, model.get_weights(), strict=True):
            assert np.any(new != old), weight.path


def test_parameters_are_those_counted_by_hand():
    widths = [(1, 16), (16, 16), (16, 32), (32, 32), (32, 64), (64, 64), (64, 128), (128, 128)]
    convolutions = sum(9 * before * after + 2 * after for before, after in widths)

    counted = summarise(build_without_weights("spectrogram_cnn"))
    assert counted.trainable_parameters == convolutions + 128 * 10 + 10 == 295_002


def test_multiply_adds_are_those_of_bands_convolutions_and_classifier():
    places = [100 * 40, 50 * 20, 25 * 10, 12 * 5]
    pairs = [(1, 16), (16, 32), (32, 64), (64, 128)]
    convolutions = sum(
        place * 9 * (before * after + after * after) for place, (before, after) in zip(places, pairs, strict=True)
    )

    counted = summarise(build_without_weights("spectrogram_cnn"))
    assert counted.multiply_adds == 100 * 129 * 40 + convolutions + 128 * 10


def test_a_spectrogram_is_an_image_with_a_row_for_every_10_ms():
    for rate, hop in ((8000, 80), (16000, 160), (11025, 110), (44100, 441)):
        model = build_without_weights("spectrogram_cnn", (rate,), 5, rate=rate)
        (layer,) = [layer for layer in model.layers if isinstance(layer, LogMel)]
        assert (layer.rate, layer.hop, layer.bins) == (rate, hop, 40)
        assert model.get_layer("stem").output.shape == (None, -(-rate // hop), 40, 1)


def test_a_place_sees_the_window_and_what_convolutions_and_halvings_add():
    fields = receptive_fields(build_without_weights("spectrogram_cnn"))

    # A window is 200 samples, a hop 80; two convolutions see 4 places more, which double with each halving.
    places = {"stem": 1, "stage1": 6, "stage2": 16, "stage3": 36, "stage4": 68}
    expected = {name: 200 + 80 * (count - 1) for name, count in places.items()}
    assert {name: fields[name].size for name in expected} == expected
    assert fields["logits"].size is None


def test_its_taps_exist_in_order():
    model = build_without_weights("spectrogram_cnn", (None,), 3)
    names = ["stem", "stage1", "stage2", "stage3", "stage4", "features", "pooled", "logits"]

    assert [layer.name for layer in model.layers if layer.name in names] == names
    assert model.get_layer("pooled").output.shape == (None, 128)


def test_what_is_seen_lies_between_about_minus_1_and_2_from_silence_to_full_scale():
    model = build("spectrogram_cnn", (8000,), 10)
    seen = keras.Model(model.input, model.get_layer("stem").output)
    loudest = np.sin(2 * np.pi * 1000 * np.arange(8000) / 8000)

    silent, loud = (np.asarray(seen(wave[np.newaxis].astype("float32"))) for wave in (0 * loudest, loudest))

    assert seen.output.shape == (None, 100, 40, 1)
    np.testing.assert_allclose(silent, 2 + np.log(1e-5) / 4, rtol=1e-4)
    assert 1.9 < loud.max() < 2.2


@pytest.mark.parametrize("norm", ["batch", "layer", "instance", "group"])
def test_its_normalisation_can_be_chosen(norm):
    model = build("spectrogram_cnn", (120,), 3, **SMALL, norm=norm)
    groups = [layer for layer in model.layers if isinstance(layer, keras.layers.GroupNormalization)]

    assert len(groups) == (0 if norm == "batch" else 8)
    assert np.isfinite(model(np.ones((1, 120), "float32"))).all()


@pytest.mark.parametrize(("rate", "least"), [(8000, 561), (1000, 71), (16000, 1121), (11025, 771)])
def test_fewer_samples_than_three_halvings_leave_something_of_are_refused(rate, least):
    assert build_without_weights("spectrogram_cnn", (least,), 3, rate=rate, bins=8).output.shape == (None, 3)
    message = f"spectrogram_cnn needs at least {least} samples at {rate} a second, got {least - 1}"
    with pytest.raises(InputError, match=message):
        build("spectrogram_cnn", (least - 1,), 3, rate=rate, bins=8)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"bins": 7}, "bins of spectrogram_cnn must be a whole number of at least 8, got 7"),
        ({"filters": 0}, "filters of spectrogram_cnn must be a whole number of at least 1, got 0"),
        ({"rate": 0}, "rate of spectrogram_cnn must be a whole number of at least 1, got 0"),
        ({"dropout": 1}, "dropout of spectrogram_cnn must be a number from 0 up to, but not, 1, got 1"),
        ({"levels": 3}, "unknown option of spectrogram_cnn 'levels'"),
    ],
)
def test_options_are_checked(options, message):
    with pytest.raises(InputError, match=message):
        check("spectrogram_cnn", None, None, options)


def test_more_bands_than_the_spectrum_holds_are_refused():
    with pytest.raises(InputError, match="100 bands are too many for 256 samples at 8000 a second"):
        build("spectrogram_cnn", bins=100)

"""Two logical devices give what one gives. Each case in a process of its own: devices are split only once."""

import os
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

pytestmark = pytest.mark.multi_device

ROOT = Path(__file__).parents[2]
TWO = '["CPU:0", "CPU:1"]'


def run(body: str, folder: Path) -> None:
    """Run a case; its assertions fail the test."""
    case = f"""
import numpy as np
import tensorflow as tf
from pathlib import Path
from tests.training import rig
rig.split_cpu()
folder = Path({str(folder)!r})
"""
    done = subprocess.run(
        [sys.executable, "-c", case + textwrap.dedent(body)],
        check=False,
        cwd=ROOT,
        env=os.environ | {"TF_CPP_MIN_LOG_LEVEL": "3"},
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr[-3000:]


def test_losses_and_weights_are_those_of_one_device_on_batches_that_do_not_divide(tmp_path):
    run(
        f"""
        one = rig.trainer(rig.network(), folder)
        two = rig.trainer(rig.network(), folder, {TWO})
        for count in (13, 16, 3):
            np.testing.assert_allclose(rig.losses(two, 3, count), rig.losses(one, 3, count), rtol=1e-4)
        for ours, theirs in zip(two.trained.get_weights(), one.trained.get_weights(), strict=True):
            np.testing.assert_allclose(ours, theirs, rtol=1e-3, atol=1e-5)
        """,
        tmp_path,
    )


def test_moving_statistics_are_equal_on_every_replica(tmp_path):
    run(
        f"""
        made = rig.trainer(rig.network(), folder, {TWO})
        rig.losses(made, 3, 13)
        moved = 0
        for variable in made.trained.non_trainable_variables:
            first, second = (value.numpy() for value in variable.value.values)
            np.testing.assert_array_equal(first, second)
            moved += "moving_mean" in variable.path and np.any(first)
        assert moved == 4, moved
        """,
        tmp_path,
    )


def test_dropout_draws_another_mask_on_each_replica(tmp_path):
    run(
        f"""
        import tensorflow as tf
        made = rig.trainer(rig.network(dropout=0.5, normalise=False), folder, {TWO})
        pictures = np.full((8, 8, 8, 3), 100, np.uint8)
        context = tf.distribute.get_replica_context
        def losses(images, labels, weights):
            replica = tf.cast(context().replica_id_in_sync_group, tf.int64)
            return made.step._gradients(images, labels, weights, replica)[0][0]
        values = made.strategy.run(losses, args=rig.batch(made, pictures, np.zeros(8, int)))
        first, second = (value.numpy() for value in values.values)
        assert not np.allclose(first, second)
        again = made.strategy.run(losses, args=rig.batch(made, pictures, np.zeros(8, int)))
        np.testing.assert_array_equal(first, again.values[0].numpy())  # the same state draws the same
        """,
        tmp_path,
    )


def test_clipping_is_by_the_norm_of_the_whole_gradient(tmp_path):
    run(
        f"""
        one = rig.trainer(rig.network(), folder, clip_norm=0.01)
        two = rig.trainer(rig.network(), folder, {TWO}, clip_norm=0.01)
        np.testing.assert_allclose(rig.losses(two, 4, 13), rig.losses(one, 4, 13), rtol=1e-4)
        """,
        tmp_path,
    )


def test_every_example_is_evaluated_once_when_a_replica_gets_only_padding(tmp_path):
    run(
        f"""
        from kcnn.data import address
        from kcnn.data.pipeline import evaluation_batches
        from kcnn.recipes.data import Images
        import keras
        source = address.load(Images(source="digits"))
        test = source.splits["test"]
        model = keras.Sequential([keras.Input((8, 8, 1)), keras.layers.Flatten(), keras.layers.Dense(10)])
        one = rig.trainer(model, folder)
        two = rig.trainer(model, folder, {TWO})
        expected, labels = one.logits(evaluation_batches(test, 359).dataset)
        for size in (1, 2, 179, 358, 1000):
            logits, seen = two.logits(evaluation_batches(test, size, replicas=2).dataset)
            np.testing.assert_array_equal(seen, test.labels)
            np.testing.assert_allclose(logits, expected, rtol=1e-4, atol=1e-4)
        """,
        tmp_path,
    )


@pytest.mark.parametrize("precision", ["mixed_bfloat16", "mixed_float16"])
def test_mixed_precision_trains_on_two_devices(tmp_path, precision):
    run(
        f"""
        from kcnn.layers.precision import precision
        with precision({precision!r}):
            model = rig.network(dropout=0.1)
        made = rig.trainer(model, folder, {TWO}, precision={precision!r})
        history = rig.losses(made, 15, 32)
        assert history[-1] < 0.8 * history[0], history
        """,
        tmp_path,
    )


def test_xla_gives_the_same_updates_where_it_compiles_the_step(tmp_path):
    run(
        """
        import tensorflow as tf
        plain = rig.trainer(rig.network(), folder)
        compiled = rig.trainer(rig.network(), folder)
        compiled.step._gradients = tf.function(compiled.step._forward_backward, jit_compile=True, autograph=False)
        np.testing.assert_allclose(rig.losses(compiled, 3, 13), rig.losses(plain, 3, 13), rtol=1e-4)
        """,
        tmp_path,
    )


def test_an_overflow_on_one_replica_alone_lowers_the_loss_scale_and_spares_the_weights(tmp_path):
    run(
        f"""
        from kcnn.layers.precision import precision
        with precision("mixed_float16"):
            model = rig.network()
        made = rig.trainer(model, folder, {TWO}, precision="mixed_float16")
        rig.losses(made, 1, 8)
        before = [weight.numpy() for weight in made.trained.trainable_variables]
        scale = float(made.optimizer.dynamic_scale.numpy())
        plain = made.step._gradients

        def overflowing(images, labels, shares, replica):
            reported, gradients, state = plain(images, labels, shares, replica)
            factor = tf.where(replica == 1, np.inf, 1.0)
            return reported, [gradient * tf.cast(factor, gradient.dtype) for gradient in gradients], state

        made.step._gradients = overflowing
        rig.losses(made, 1, 12)
        for start, weight in zip(before, made.trained.trainable_variables, strict=True):
            np.testing.assert_array_equal(weight.numpy(), start)
        assert float(made.optimizer.dynamic_scale.numpy()) < scale
        """,
        tmp_path,
    )


def test_rates_by_layer_and_frozen_layers_are_those_of_one_device(tmp_path):
    run(
        f"""
        from kcnn.recipes.optimize import Sgd
        from kcnn.training.pace import Pace
        def made(devices):
            model = rig.network()
            names = [layer.name for layer in model.layers if layer.weights]
            pace = Pace([(0, frozenset(names[:2]))], {{name: 0.5 for name in names[2:5]}})
            return rig.trainer(model, folder, devices, Sgd(lr=0.1), pace)
        one, two = made(None), made({TWO})
        np.testing.assert_allclose(rig.losses(two, 3, 13), rig.losses(one, 3, 13), rtol=1e-4)
        for ours, theirs in zip(two.trained.get_weights(), one.trained.get_weights(), strict=True):
            np.testing.assert_allclose(ours, theirs, rtol=1e-3, atol=1e-4)
        """,
        tmp_path,
    )


@pytest.mark.slow
def test_a_segmentation_is_trained_and_answered_as_on_one_device(tmp_path):
    run(
        f"""
        from kcnn.models import build
        from kcnn.recipes.data import Masks
        from kcnn.data import address
        from kcnn.data.tiles import Tiling, evaluation_tiles
        from kcnn.data.crops import training_crops
        from kcnn.training.objectives import Segmentation
        from tests.experiment.blobs import write
        import keras
        examples = address.load(Masks(source=str(write(folder / "discs", 5)), size=32)).splits["train"]

        def made(devices):
            keras.utils.set_random_seed(0)
            model = build("unet", (32, 32, 1), 2, base=2, padding="same", norm="batch", dropout=0.0)
            return rig.trainer(model, folder / str(devices), devices, objective=Segmentation())

        one, two = made(None), made({TWO})
        for trainer, replicas in ((one, 1), (two, 2)):
            batches = training_crops(examples, 32, 3, 5, 0, 0, replicas=replicas).dataset
            trainer.seen = [trainer.step.train(batch).numpy() for batch in trainer.distributed(batches)]
        np.testing.assert_allclose(two.seen, one.seen, rtol=1e-3)
        tiling = Tiling(32, 32, 4)
        answers = []
        for trainer, replicas in ((one, 1), (two, 2)):
            batches = evaluation_tiles(examples, tiling, 3, replicas).dataset
            answers.append(np.concatenate([answer for answer, _ in trainer.answers(batches)]))
        assert len(answers[1]) == sum(tiling.count(*size) for size in examples.sizes)
        np.testing.assert_allclose(answers[1], answers[0], rtol=1e-2, atol=1e-3)
        """,
        tmp_path,
    )


def test_two_adversaries_are_the_same_on_every_replica_and_each_draws_its_own_codes(tmp_path):
    run(
        f"""
        from kcnn.models import build
        from kcnn.recipes.optimize import Adam
        from kcnn.training.objectives import Adversarial
        model = build("dcgan", (8, 8, 3), 10, latent=8, base=4, kernel=4)
        made = rig.trainer(model, folder, {TWO}, Adam(lr=1e-3), objective=Adversarial())
        before = [weight.numpy() for weight in made.trained.trainable_variables]
        assert np.isfinite(rig.losses(made, 3, 8)).all()
        for old, variable in zip(before, made.trained.trainable_variables, strict=True):
            first, second = (value.numpy() for value in variable.value.values)
            np.testing.assert_array_equal(first, second)
            assert np.any(first != old), variable.path

        context = tf.distribute.get_replica_context
        def reported(images, labels, weights):
            replica = tf.cast(context().replica_id_in_sync_group, tf.int64)
            return made.step._gradients(images, labels, weights, replica)[0][4]
        same = np.full((8, 8, 8, 3), 100, np.uint8)
        values = made.strategy.run(reported, args=rig.batch(made, same, np.zeros(8, int)))
        first, second = (value.numpy() for value in values.values)
        assert not np.allclose(first, second)
        """,
        tmp_path,
    )


def test_a_fault_of_the_data_comes_out_as_it_was(tmp_path):
    run(
        f"""
        from kcnn.data.pipeline import pipeline
        from kcnn.errors import DataError

        def make(index):
            raise DataError("two.png (empty)")

        batches = pipeline(make, range(3), 2, (tf.TensorSpec((None,), tf.float32),), None)
        try:
            next(rig.trainer(rig.network(), folder, {TWO}).distributed(batches.dataset))
        except DataError as error:
            assert str(error) == "two.png (empty)"
        else:
            raise AssertionError("nothing was raised")
        """,
        tmp_path,
    )

import numpy as np
import pytest

from kcnn.labs.contest import contest
from kcnn.labs.training import digits, first_weights, placed, trained
from kcnn.models import build


def test_the_digits_are_set_apart_as_in_the_recipes():
    known = digits()

    assert (len(known.train), len(known.test)) == (1438, 359)
    assert set(known.train_labels) == set(known.test_labels) == set(range(10))


def test_an_image_is_placed_in_the_middle_or_moved_from_there_each_by_its_own():
    images = np.full((2, 2, 2, 1), 9, np.uint8)

    canvas = placed(images, 6, np.array([0, -1]), np.array([0, 2]))

    assert [tuple(np.argwhere(image[..., 0]).min(0)) for image in canvas] == [(2, 2), (1, 4)]
    assert canvas.sum() == images.sum()


def test_what_would_leave_the_image_is_refused():
    with pytest.raises(ValueError, match="could not broadcast"):
        placed(np.ones((1, 2, 2, 1), np.uint8), 4, 2)


def test_a_network_learns_and_equal_seeds_learn_alike():
    known = digits()
    learners = [
        trained(first_weights("mlp", 8, seed=3), known.train[:400], known.train_labels[:400], epochs=4, seed=3)
        for _ in range(2)
    ]

    accuracies = [learner.accuracy(known.test, known.test_labels) for learner in learners]
    assert accuracies[0] > 0.7
    assert accuracies[0] == pytest.approx(accuracies[1], abs=0.01)


def test_asked_as_in_training_a_network_normalises_by_the_batch_and_stays_as_it_is():
    known = digits()
    learner = trained(first_weights("resnet20_cifar", 8, seed=0), known.train[:128], known.train_labels[:128], epochs=1)
    before = learner.model.get_weights()

    pair, alone = (learner.logits_as_in_training(known.test[:count])[0] for count in (2, 1))

    assert np.abs(pair - alone).max() > 1e-3
    assert all(np.array_equal(one, other) for one, other in zip(before, learner.model.get_weights(), strict=True))


def test_contestants_differ_by_seed_and_count_what_they_cost():
    makers = {"mlp": lambda: build("mlp", (8, 8, 1), 10, hidden=(16,))}

    found = contest(makers, digits(), epochs=1, seeds=(0, 1))["mlp"]

    assert found.losses.shape == (2, 1)
    assert found.losses[0] != found.losses[1]
    assert found.parameters == 64 * 16 + 16 + 16 * 10 + 10
    assert found.multiply_adds == 64 * 16 + 16 * 10
    assert found.deviation == pytest.approx(abs(np.diff(found.accuracies))[0] / 2**0.5)

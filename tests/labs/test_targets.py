import numpy as np

from kcnn.labs.targets import CLASSES, orientations, task


def test_a_task_of_digits_has_five_classes_and_few_images_where_few_are_asked_for():
    whole = task(5)

    few = whole.few(10, seed=1)

    assert set(whole.train_labels) == set(whole.test_labels) == set(range(CLASSES))
    assert np.bincount(few.train_labels).tolist() == [10] * CLASSES
    assert len(few.test) == len(whole.test)
    assert not np.array_equal(few.train, whole.few(10, seed=2).train)


def test_patches_are_named_by_the_way_their_edges_run():
    found = orientations()

    images, labels = found.train[..., 0].astype(float), found.train_labels
    down, right = (np.abs(np.diff(images, axis=axis)).mean((1, 2)) for axis in (1, 2))

    assert np.bincount(labels).tolist() == [144] * CLASSES
    # Of class 0 edges run down, so that the pixels change to the right.
    assert (right > down)[labels == 0].mean() > 0.9
    assert (down > right)[(labels == 2) | (labels == 3)].mean() > 0.9

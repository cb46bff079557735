"""Classifiers on features: what they learn, how their setting is chosen, and the dense layer that answers alike."""

import keras
import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression, RidgeClassifier
from sklearn.model_selection import StratifiedKFold, StratifiedShuffleSplit
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler, scale

from kcnn.transfer.probe import LARGE, METHODS, dense, fit

# What each method is in scikit-learn, and the values of its setting, from the plainest on.
CLASSIFIERS = {
    "linear": (lambda alpha: RidgeClassifier(alpha=alpha), (1e4, 1e3, 1e2, 1e1)),
    "logistic": (lambda c: LogisticRegression(C=c, max_iter=400), (1e-4, 1e-3, 1e-2, 1e-1)),
    "knn": (lambda count: KNeighborsClassifier(count, metric="cosine"), (50, 20, 10, 5, 1)),
}


def blobs(count, classes=2, features=6, apart=2.0, seed=0):
    """Normal distributions of standard deviation 1, a class each, their centres `apart` times a random direction."""
    centres = np.random.default_rng(99).normal(size=(classes, features))
    centres *= apart / np.linalg.norm(centres, axis=1, keepdims=True)
    labels = np.arange(count) % classes
    return centres[labels] + np.random.default_rng(seed).normal(size=(count, features)), labels


def uneven(features):
    """The same features on scales of their own, as channels of a network have them."""
    return features * np.geomspace(0.01, 50, features.shape[1]) + np.linspace(-3, 30, features.shape[1])


@pytest.mark.parametrize("method", METHODS)
def test_every_method_tells_two_blobs_apart(method):
    probe = fit(method, *blobs(120, apart=6))

    assert probe.score(*blobs(300, apart=6, seed=1)) > 0.98
    assert probe.accuracy > 0.98


@pytest.mark.parametrize("method", METHODS)
def test_no_method_believes_to_know_labels_that_mean_nothing(method):
    features, labels = np.random.default_rng(0).normal(size=(200, 60)), np.arange(200) % 2
    probe = fit(method, features, labels)

    assert abs(probe.accuracy - 0.5) < 0.1


@pytest.mark.parametrize("method", METHODS)
def test_every_method_sees_small_channels_as_well_as_large_ones(method):
    (features, labels), (others, truth) = blobs(120, apart=6), blobs(300, apart=6, seed=1)

    assert fit(method, uneven(features), labels).score(uneven(others), truth) > 0.98


def test_the_score_is_the_share_of_right_answers():
    probe = fit("linear", *blobs(60, apart=9))
    features, labels = blobs(10, apart=9, seed=1)
    labels[:3] = 1 - labels[:3]

    assert probe.score(features, labels) == pytest.approx(0.7)


@pytest.mark.parametrize("classes", [2, 5])
def test_a_dense_layer_answers_as_the_logistic_probe_does(classes):
    features, labels = blobs(150, classes)
    probe = fit("logistic", uneven(features), labels)
    others = uneven(blobs(200, classes, seed=1)[0])
    kernel, bias = dense(probe)
    logits = others @ kernel + bias
    shares = np.exp(logits - logits.max(1, keepdims=True))

    np.testing.assert_array_equal(logits.argmax(1), probe.classifier.predict(others))
    np.testing.assert_allclose(shares / shares.sum(1, keepdims=True), probe.classifier.predict_proba(others), atol=1e-6)
    assert len(set(logits.argmax(1))) == classes


@pytest.mark.parametrize("classes", [2, 5])
def test_its_weights_fit_a_dense_layer_of_keras(classes):
    features, labels = blobs(150, classes)
    probe = fit("logistic", features, labels)
    layer = keras.layers.Dense(classes, activation="softmax")
    layer.build((None, 6))
    layer.set_weights(list(dense(probe)))

    np.testing.assert_allclose(layer(features), probe.classifier.predict_proba(features), atol=1e-5)


@pytest.mark.parametrize("value", [0.0, 0.1, 1e4])
@pytest.mark.parametrize("method", METHODS)
def test_a_feature_that_is_always_the_same_does_no_harm(method, value):
    (features, labels), (others, _) = blobs(97, apart=1), blobs(200, apart=1, seed=1)
    features, others = features.astype("float32"), others.astype("float32")
    plain = fit(method, features, labels)
    padded = fit(method, np.insert(features, 2, value, axis=1), labels)

    assert (padded.chosen, padded.accuracy) == (plain.chosen, plain.accuracy)
    np.testing.assert_array_equal(
        padded.classifier.predict(np.insert(others, 2, value, axis=1)), plain.classifier.predict(others)
    )


def test_the_dense_layer_gives_a_feature_that_is_always_the_same_no_weight():
    features, labels = blobs(97, apart=1)
    plain, padded = (dense(fit("logistic", each, labels)) for each in (features, np.insert(features, 2, 7, axis=1)))

    np.testing.assert_allclose(padded[0], np.insert(plain[0], 2, 0, axis=0), atol=1e-6)
    np.testing.assert_allclose(padded[1], plain[1], atol=1e-6)


def folds(features, labels, count=5, seed=0):
    return list(StratifiedKFold(count, shuffle=True, random_state=seed).split(features, labels))


def cross_validated(method, features, labels, splits):
    """The mean accuracy on what is left out, by the method's setting."""
    make, values = CLASSIFIERS[method]
    found = {}
    for value in values:
        shares = []
        for rest, part in splits:
            scaler = StandardScaler().fit(features[rest])
            classifier = make(value).fit(scaler.transform(features[rest]), labels[rest])
            shares.append(classifier.score(scaler.transform(features[part]), labels[part]))
        found[value] = np.mean(shares)
    return found


def hard():
    """Examples of three classes that overlap; one is so far off that standardisation with and without it differ."""
    features, labels = blobs(100, classes=3, features=12, apart=2, seed=3)
    features[0, ::2] += 200
    return features, labels


@pytest.mark.parametrize("method", METHODS)
def test_the_setting_is_chosen_by_five_folds_of_the_examples(method):
    features, labels = hard()
    expected = cross_validated(method, features, labels, folds(features, labels, seed=7))
    probe = fit(method, features, labels, seed=7)

    assert len(set(expected.values())) > 1
    assert probe.accuracy == max(expected.values())
    assert probe.chosen == max(expected, key=expected.get)


def test_what_is_left_out_of_a_fold_has_no_say_in_its_standardisation():
    features, labels = hard()
    make, values = CLASSIFIERS["linear"]
    leaked = scale(features)
    leaking = max(
        np.mean(
            [make(value).fit(leaked[rest], labels[rest]).score(leaked[part], labels[part]) for rest, part in splits]
        )
        for splits in [folds(features, labels, seed=7)]
        for value in values
    )

    assert abs(fit("linear", features, labels, seed=7).accuracy - leaking) > 0.01


@pytest.mark.parametrize("method", METHODS)
def test_once_chosen_it_is_fitted_to_all_examples(method):
    features, labels = hard()
    probe = fit(method, features, labels)
    expected = make_pipeline(StandardScaler(), CLASSIFIERS[method][0](probe.chosen)).fit(features, labels)
    others, _ = blobs(300, classes=3, features=12, apart=2, seed=8)

    np.testing.assert_array_equal(probe.classifier.predict(others), expected.predict(others))


@pytest.mark.parametrize("method", METHODS)
def test_of_settings_that_are_equally_good_the_plainest_is_chosen(method):
    probe = fit(method, *blobs(120, apart=30))

    assert probe.accuracy == 1
    assert probe.chosen == CLASSIFIERS[method][1][0]


def test_no_more_neighbours_are_asked_than_half_of_the_examples():
    assert fit("knn", *blobs(44, apart=30)).chosen == 20
    assert fit("knn", *blobs(3, apart=30)).chosen == 1


def test_as_many_folds_are_made_as_the_rarest_class_has_examples():
    features, labels = blobs(40, apart=1)
    kept = np.r_[np.flatnonzero(labels == 0), np.flatnonzero(labels == 1)[:3]]
    features, labels = features[kept], labels[kept]
    expected = cross_validated("linear", features, labels, folds(features, labels, 3))

    assert fit("linear", features, labels).accuracy == max(expected.values())


def test_many_examples_are_split_once_and_not_folded():
    features, labels = blobs(LARGE, apart=1)
    once = list(StratifiedShuffleSplit(1, test_size=0.2, random_state=0).split(features, labels))
    split, folded = (
        max(cross_validated("linear", features, labels, splits).values()) for splits in (once, folds(features, labels))
    )

    assert fit("linear", features, labels).accuracy == split != folded


def test_a_few_examples_less_are_folded():
    features, labels = blobs(LARGE - 1, apart=1)
    expected = cross_validated("linear", features, labels, folds(features, labels))

    assert fit("linear", features, labels).accuracy == max(expected.values())


@pytest.mark.parametrize("method", METHODS)
def test_a_class_with_one_example_is_learned(method):
    features, labels = blobs(41, classes=2, apart=8)
    features[-1], labels[-1] = 60, 2
    probe = fit(method, features, labels)

    assert set(probe.classifier.classes_) == {0, 1, 2}
    assert probe.score(*blobs(100, apart=8, seed=1)) > 0.95


def test_the_dense_layer_has_a_column_for_a_class_with_one_example():
    features, labels = blobs(41, classes=2, apart=8)
    features[-1], labels[-1] = 60, 2
    fitted = fit("logistic", features, labels)
    kernel, bias = dense(fitted)

    assert (kernel.shape, bias.shape) == ((6, 3), (3,))
    np.testing.assert_array_equal((features @ kernel + bias).argmax(-1), fitted.classifier.predict(features))


@pytest.mark.parametrize("method", METHODS)
def test_a_class_with_one_example_does_not_make_noise_look_like_knowledge(method):
    generator = np.random.default_rng(3)
    labels = np.arange(60) % 2
    labels[-1] = 2

    assert fit(method, generator.normal(size=(60, 30)), labels).accuracy < 0.75


def test_a_class_with_one_example_is_learned_among_many_others():
    features, labels = blobs(LARGE + 1, apart=8)
    features[-1], labels[-1] = 60, 2

    assert set(fit("linear", features, labels).classifier.classes_) == {0, 1, 2}


@pytest.mark.parametrize("method", METHODS)
def test_equal_seeds_give_equal_results(method):
    features, labels = blobs(60, classes=3)
    first, second = (fit(method, features, labels, seed=4) for _ in range(2))
    others, _ = blobs(300, classes=3, seed=8)

    assert (first.chosen, first.accuracy) == (second.chosen, second.accuracy)
    np.testing.assert_array_equal(first.classifier.predict(others), second.classifier.predict(others))


@pytest.mark.parametrize("method", METHODS)
def test_another_seed_makes_other_folds(method):
    features, labels = blobs(60, classes=3)

    assert len({fit(method, features, labels, seed=seed).accuracy for seed in (4, 5, 6)}) > 1

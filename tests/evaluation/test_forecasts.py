import numpy as np
import pytest

from kcnn.evaluation.forecasts import AutoregressiveModel, autoregression, mase, mean_change

RNG = np.random.default_rng(0)


def test_an_error_is_measured_in_mean_changes_of_train():
    train = np.array([[1.0, 10], [3, 10], [2, 40]])
    scale = mean_change(train)

    np.testing.assert_allclose(scale, [1.5, 15])
    found = mase(np.array([[2.0, 10], [5, 40]]), np.array([[5.0, 10], [5, 10]]), scale)
    np.testing.assert_allclose(found, [(3 + 0) / 2 / 1.5, (0 + 30) / 2 / 15])


def test_who_says_in_train_that_nothing_changes_has_an_error_of_1():
    levels = RNG.normal(size=(100, 3)).cumsum(0)

    np.testing.assert_allclose(mase(levels[:-1], levels[1:], mean_change(levels)), 1)


def test_a_truth_that_is_not_there_is_not_counted():
    found = mase(np.array([[1.0], [7]]), np.array([[3.0], [np.nan]]), np.array([2.0]))

    np.testing.assert_allclose(found, [1.0])


def simulated(weights, count=4000, intercept=0.5):
    changes = list(RNG.normal(size=len(weights)))
    for noise in RNG.normal(size=count):
        changes.append(intercept + np.dot(weights, changes[: -len(weights) - 1 : -1]) + noise)
    return np.array(changes)


def test_the_weights_of_an_autoregression_are_found_again():
    found = autoregression(simulated([0.6, -0.3]))

    assert 2 <= found.order <= 5
    np.testing.assert_allclose(found.weights[:2], [0.6, -0.3], atol=0.05)
    assert found.intercept == pytest.approx(0.5, abs=0.1)


def test_noise_calls_for_no_order():
    noise = np.random.default_rng(3).normal(1.0, 2.0, 2000)

    found = autoregression(noise)

    assert found.order == 0
    assert found.intercept == pytest.approx(noise[10:].mean())


def test_each_order_is_the_least_squares_fit_with_the_lowest_criterion():
    changes = simulated([0.4, 0.2, -0.2], 60)
    answers = changes[10:]
    criteria = {}
    for order in range(11):
        lags = [changes[10 - lag : len(changes) - lag] for lag in range(1, order + 1)]
        columns = np.stack([np.ones(len(answers)), *lags], 1)
        solved = np.linalg.solve(columns.T @ columns, columns.T @ answers)
        criteria[order] = len(answers) * np.log(np.mean((answers - columns @ solved) ** 2)) + 2 * (order + 1), solved

    found = autoregression(changes)

    best = min(criteria, key=lambda order: criteria[order][0])
    assert found.order == best
    np.testing.assert_allclose([found.intercept, *found.weights], criteria[best][1], rtol=1e-6)


def test_what_it_says_is_fed_back():
    model = AutoregressiveModel(1.0, np.array([0.5, -2.0]), mean=0.0)
    changes = np.array([3.0, 4.0, 6.0])

    found = model.ahead(changes, np.array([1, 2]), 3)

    first = 1 + 0.5 * 4 - 2 * 3
    second = 1 + 0.5 * first - 2 * 4
    np.testing.assert_allclose(found[0], [first, second, 1 + 0.5 * second - 2 * first])
    np.testing.assert_allclose(found[1, 0], 1 + 0.5 * 6 - 2 * 4)


def test_before_the_first_change_stands_the_mean():
    model = AutoregressiveModel(0.0, np.array([1.0, 10.0]), mean=7.0)

    found = model.ahead(np.array([2.0, 3.0]), np.array([-1, 0, 1]), 1)

    np.testing.assert_allclose(found[:, 0], [7 + 70, 2 + 70, 3 + 20])


def test_few_changes_or_constant_ones_are_fitted_without_a_fault():
    assert autoregression(np.array([1.0, 2.0, 1.5])).order == 0
    constant = autoregression(np.full(50, 2.0))
    np.testing.assert_allclose(constant.ahead(np.full(50, 2.0), np.array([49]), 2), 2.0)

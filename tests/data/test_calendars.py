from datetime import datetime, timedelta

import pytest

from kcnn.data.calendars import calendar

DAY = timedelta(days=1)
MONDAY = datetime(2026, 3, 2)


def days(*numbers, begin=MONDAY):
    return [begin + DAY * number for number in numbers]


WEEKS = days(*(7 * week + day for week in range(12) for day in range(5)))


def test_even_steps_go_on_evenly():
    found = calendar([MONDAY + timedelta(hours=6) * step for step in range(5)])

    assert (found.kind, found.note) == ("regular", None)
    assert found.after(MONDAY, 2) == [MONDAY + timedelta(hours=6), MONDAY + timedelta(hours=12)]


def test_months_go_on_with_the_day_of_theirs_over_the_end_of_the_year():
    found = calendar([datetime(2026, month, 15) for month in (1, 4, 7, 10)])

    assert (found.kind, found.note) == ("months", None)
    assert found.after(datetime(2026, 10, 15), 2) == [datetime(2027, 1, 15), datetime(2027, 4, 15)]


@pytest.mark.parametrize(
    ("dates", "following"),
    [
        ([(2026, 1, 31), (2026, 2, 28), (2026, 3, 31), (2026, 4, 30)], [(2026, 5, 31), (2026, 6, 30)]),
        ([(2027, 2, 28), (2027, 3, 31), (2027, 4, 30)], [(2027, 5, 31), (2027, 6, 30)]),
        ([(2027, 6, 30), (2027, 9, 30), (2027, 12, 31)], [(2028, 3, 31), (2028, 6, 30)]),
        ([(2026, 7, 15), (2026, 8, 15), (2026, 9, 15)], [(2026, 10, 15), (2026, 11, 15)]),
        ([(2027, 11, 30), (2027, 12, 31), (2028, 1, 31)], [(2028, 2, 29), (2028, 3, 31)]),
    ],
)
def test_months_of_equal_length_and_ends_of_months_go_on_as_months(dates, following):
    found = calendar([datetime(*date) for date in dates])

    assert (found.kind, found.note) == ("months", None)
    assert found.after(datetime(*dates[-1]), 2) == [datetime(*date) for date in following]


@pytest.mark.parametrize("day", [30, 29])
def test_days_that_not_every_month_has_and_are_not_its_last_are_uneven(day):
    dates = [datetime(2026, month, day) for month in (3, 4, 5, 7)]

    assert calendar(dates).kind == "uneven"


def test_few_missing_days_are_counted_and_dates_go_on():
    dates = days(*(number for number in range(999) if number not in (300, 301, 700)))

    found = calendar(dates)

    assert found.kind == "regular"
    assert found.note == "2 of 995 steps are longer than the usual one (1 day), up to 3 days: each counts as one step"
    assert found.after(dates[-1], 1) == [dates[-1] + DAY]


@pytest.mark.parametrize(
    "dates",
    [
        days(*range(50), *(number + 0.5 for number in range(51, 80))),
        [MONDAY + DAY * day + timedelta(hours=hour) for day in range(5) for hour in range(9, 21)],
    ],
)
def test_steps_that_are_no_multiple_of_a_day_and_nights_are_uneven(dates):
    assert calendar(dates).kind == "uneven"


def test_business_days_leave_out_weekends():
    found = calendar(WEEKS)

    assert (found.kind, found.note) == ("business", None)
    assert found.after(WEEKS[-1], 3) == days(7, 8, 9, begin=WEEKS[-5])


def test_holidays_are_counted_among_business_days():
    found = calendar([date for number, date in enumerate(WEEKS) if number not in (12, 13, 14, 30)])

    assert found.kind == "business"
    assert found.note == (
        "2 of 55 steps are longer than the usual one (business day), up to 6 days: each counts as one step"
    )


def test_where_too_many_business_days_are_missing_the_calendar_is_uneven():
    found = calendar([date for number, date in enumerate(WEEKS) if number % 4])

    assert found.kind == "uneven"
    assert found.after(WEEKS[-1], 1) is None


def test_a_gap_among_days_makes_them_uneven_and_is_counted():
    found = calendar(days(0, 1, 2, 3, 7, 8))

    assert found.kind == "uneven"
    assert found.note == "1 of 5 steps are longer than the usual one (1 day), up to 4 days: each counts as one step"


def test_shorter_steps_alone_are_said_too():
    dates = [MONDAY, MONDAY + DAY, MONDAY + 2 * DAY, MONDAY + 2.5 * DAY]

    assert calendar(dates).note == "some of 3 steps are shorter than the usual one"


@pytest.mark.parametrize("dates", [days(0, 1), days(0, 7)])
def test_two_dates_are_a_calendar(dates):
    assert calendar(dates).after(dates[-1], 1) == [dates[-1] + (dates[1] - dates[0])]

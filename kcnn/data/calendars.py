"""At what distances dates follow one another, and which come next. No TensorFlow."""

from calendar import monthrange
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Literal

HOLIDAYS = 0.1
"""Up to this share of the steps between days may be longer than from one to the next, or to the next business day."""

Kind = Literal["regular", "months", "business", "uneven"]

_DAY = timedelta(days=1)
_FRIDAY = 4
_EVERY_MONTH_HAS = 28


@dataclass(frozen=True)
class Calendar:
    """How dates go on: by one `step`, by so many `months`, by business days, or unevenly, where none can be told.

    Months lie between days of the same number, or, with `ends`, between the last ones of theirs. `longer` of the
    `steps` between dates are longer than the usual one, the `longest` among them.
    """

    kind: Kind
    step: timedelta
    steps: int
    months: int = 0
    ends: bool = False
    longer: int = 0
    longest: timedelta = _DAY

    @property
    def note(self) -> str | None:
        """What should be known of dates that are not even; None where they are."""
        if not self.longer:
            return None if self.kind != "uneven" else f"some of {self.steps} steps are shorter than the usual one"
        usual = "business day" if self.kind == "business" else _spoken(self.step)
        return (
            f"{self.longer} of {self.steps} steps are longer than the usual one ({usual}), up to "
            f"{_spoken(self.longest)}: each counts as one step"
        )

    def after(self, last: datetime, count: int) -> list[datetime] | None:
        """The next dates; None where they cannot be told."""
        if self.kind == "uneven":
            return None
        found = [last]
        for _ in range(count):
            found.append(self._next(found[-1]))
        return found[1:]

    def _next(self, date: datetime) -> datetime:
        if self.kind == "months":
            years, month = divmod(date.month - 1 + self.months, 12)
            year = date.year + years
            return date.replace(year=year, month=month + 1, day=_last(year, month + 1) if self.ends else date.day)
        return _business_day_after(date) if self.kind == "business" else date + self.step


def calendar(dates: Sequence[datetime]) -> Calendar:
    """That of two dates or more, which ascend."""
    steps = [after - before for before, after in pairwise(dates)]
    usual, count = Counter(steps).most_common(1)[0]
    if months := _months(dates):
        return Calendar("months", usual, len(steps), months, ends=len({date.day for date in dates}) > 1)
    if count == len(steps):
        return Calendar("regular", usual, len(steps))
    of_day = {date.timetz() for date in dates}
    if usual == _DAY and len(of_day) == 1 and all(date.weekday() <= _FRIDAY for date in dates):
        beyond = [step for step, date in zip(steps, dates, strict=False) if step > _business_day_after(date) - date]
        if len(beyond) <= HOLIDAYS * len(steps):
            return Calendar("business", usual, len(steps), longer=len(beyond), longest=max(beyond, default=_DAY))
    beyond = [step for step in steps if step > usual]
    # Within a day what is longer may be a night, and come again.
    whole = not usual % _DAY and all(step >= usual and not step % usual for step in steps)
    kind: Kind = "regular" if whole and len(beyond) <= HOLIDAYS * len(steps) else "uneven"
    return Calendar(kind, usual, len(steps), longer=len(beyond), longest=max(beyond, default=usual))


def _months(dates: Sequence[datetime]) -> int:
    """How many months lie between dates that are on the same day of theirs, or the last; 0 where that is not so."""
    days, times = {date.day for date in dates}, {date.timetz() for date in dates}
    same = len(days) == 1 and max(days) <= _EVERY_MONTH_HAS
    if len(times) > 1 or not (same or all(date.day == _last(date.year, date.month) for date in dates)):
        return 0
    numbers = [12 * date.year + date.month for date in dates]
    between = {after - before for before, after in pairwise(numbers)}
    return between.pop() if len(between) == 1 else 0


def _last(year: int, month: int) -> int:
    """The number of a month's last day."""
    return monthrange(year, month)[1]


def _business_day_after(date: datetime) -> datetime:
    return date + _DAY * (3 if date.weekday() == _FRIDAY else 1)


def _spoken(step: timedelta) -> str:
    days, rest = divmod(step, _DAY)
    return str(step) if rest else f"{days} day{'s' * (days > 1)}"

"""Tables of series as users write them, and what is read from them."""

import numpy as np

from kcnn.data import address
from kcnn.recipes.series import Series


def write(path, *lines):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(f"{line}\n" for line in lines), "utf-8")
    return path


def load(path, **options):
    return address.load(Series(**{"source": str(path), "task": "classification"} | options))


def every(source, name="values"):
    """Of all series of all splits, each as a nested list."""
    return [np.asarray(one).tolist() for part in source.splits.values() for one in getattr(part, name)]


def long(classes=("up", "down"), count=10, channels=("x", "y")):
    """A row a step: series 0 has 3 steps, each further one a step more; x counts them, y is the series' number."""
    lines = [",".join(("series", *channels, "label"))]
    for number in range(count):
        for step in range(3 + number):
            lines.append(f"s{number},{step},{number},{classes[number % len(classes)]}")
    return lines


def wide(count=10):
    """A row a series of 4 steps, those of odd numbers end a step early."""
    rows = [f"{number},{number}.5,-1,{'' if number % 2 else 2 * number},{'ab'[number % 2]}" for number in range(count)]
    return ["t0,t1,t2,t3,label", *rows]


def labelled(count=10):
    rows = [f"s{n},{step * n},{'even' if step % 2 == 0 else 'odd'}" for n in range(count) for step in range(4 + n % 3)]
    return ["series,x,label", *rows]


def with_gap(lines, line, column, cell=""):
    """The same with another cell in a line of the file, counted from 1."""
    cells = lines[line - 1].split(",")
    cells[column] = cell
    return [*lines[: line - 1], ",".join(cells), *lines[line:]]

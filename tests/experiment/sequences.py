"""Small series and texts that a run can learn from, as files that users have, and recipes for them."""

from pathlib import Path

import numpy as np
from scipy.io import savemat

SMALL = {"epochs": 2, "batch_size": 8, "optimizer.lr": 1e-2}
"""Changes to any recipe that make it a short one."""

TCN = {"filters": 4, "levels": 2, "kernel": 2}


def questions(folder: Path) -> dict[str, dict]:
    """Changes to the recipe `tcn_adding` that make it ask each question, by the question; their files are written."""
    return {
        "classification": {
            "data.source": str(walks(folder / "walks.csv")),
            "data.length": None,
            "data.validation": 0.2,
            "model.options": dict(TCN),
            "epochs": 20,
        },
        "regression": {"data.length": 12, "data.examples": 60, "model.name": "lstm", "model.options": {"units": 5}},
        "labelling": {
            "data.source": "copy",
            "data.length": 4,
            "data.examples": 60,
            "model.name": "gru",
            "model.options": {"units": 6},
        },
        "prediction": {
            "data.source": str(chords(folder / "chords.mat")),
            "data.length": None,
            "model.options": TCN | {"dropout": 0.1},
        },
    }


def walks(path: Path, count: int = 40, gaps: bool = False) -> Path:
    """Series of two channels, of 5 to 12 steps; those of the class `up` rise, those of `down` fall.

    With `gaps` each of them lacks the second channel at its third step.
    """
    random = np.random.default_rng(0)
    lines = ["series,x,y,label"]
    for number in range(count):
        label, slope = (("up", 1), ("down", -1))[number % 2]
        for step in range(random.integers(5, 13)):
            x, y = slope * step + random.normal(0, 0.3), random.normal(5, 2)
            lines.append(f"s{number},{x:.4f},{'' if gaps and step == 2 else f'{y:.4f}'},{label}")
    path.write_text("\n".join(lines) + "\n")
    return path


def chords(path: Path, keys: int = 5) -> Path:
    """Piano rolls of 5 to 50 steps, in which each key sounds at every second or third step."""
    random = np.random.default_rng(0)
    rolls = {}
    for name, count in (("traindata", 30), ("validdata", 4), ("testdata", 5)):
        cells = np.empty((1, count), object)
        for number in range(count):
            steps = np.arange(random.integers(5, 51))[:, np.newaxis]
            cells[0, number] = ((steps + random.integers(0, 6, keys)) % (2 + np.arange(keys) % 2) == 0).astype(float)
        rolls[name] = cells
    savemat(path, rolls)
    return path


PRAISE, BLAME = ("good", "great", "moving"), ("bad", "dull", "awful")
FILLERS = ("a", "film", "with", "the", "story", "of", "actors", ",")


def reviews(folder: Path, count: int = 60) -> Path:
    """`count` sentences of 3 to 9 words in each of rt.pos and rt.neg, of which one word says what they are."""
    random = np.random.default_rng(0)
    folder.mkdir(parents=True)
    for name, words in (("pos", PRAISE), ("neg", BLAME)):
        lines = []
        for _ in range(count):
            sentence = list(random.choice(FILLERS, random.integers(2, 9)))
            sentence.insert(random.integers(len(sentence) + 1), random.choice(words))
            lines.append(" ".join(sentence))
        (folder / f"rt.{name}").write_text("\n".join(lines) + "\n")
    return folder


def vectors(path: Path, words: tuple[str, ...] = (*PRAISE, *BLAME, *FILLERS[:4]), dimensions: int = 6) -> Path:
    """A text file of word2vec with vectors of these words and of one that no review has."""
    random = np.random.default_rng(1)
    rows = [f"{word} " + " ".join(f"{value:.3f}" for value in random.normal(size=dimensions)) for word in (*words, "x")]
    path.write_text(f"{len(rows)} {dimensions}\n" + "\n".join(rows) + "\n")
    return path


def leading(path: Path, steps: int = 240, dated: bool = True) -> Path:
    """Two series of business days, of which `follower` changes as `leader` has changed on the day before."""
    random = np.random.default_rng(0)
    leader = random.normal(size=steps + 1)
    follower = 0.9 * leader[:-1] + 0.1 * random.normal(size=steps)
    levels = np.stack([50 + leader[1:].cumsum() / 10, 20 + follower.cumsum() / 10], 1)
    days = np.busday_offset("2025-01-01", np.arange(steps), roll="forward")
    lines = ["date,leader,follower" if dated else "leader,follower"]
    for day, (one, other) in zip(days, levels, strict=True):
        lines.append(f"{day}," * dated + f"{one:.6f},{other:.6f}")
    path.write_text("\n".join(lines) + "\n")
    return path

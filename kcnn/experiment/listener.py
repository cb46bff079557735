"""Hearing how a run goes."""

from typing import Any


class Listener:
    """Who is told how a run goes. This one ignores it all; the command line draws a progress bar."""

    def preparing(self, what: str) -> None:
        """Something begins that takes seconds and has no steps to count."""

    def begin(self, run: str, facts: dict[str, Any]) -> None:
        """The run has its name, its data and its model."""

    def reading(self, done: int, total: int) -> None:
        """So many examples of the data have been read."""
        self.counting("reading the data", done, total)

    def counting(self, what: str, done: int, total: int) -> None:
        """So many of something are done."""

    def step(self, report: Any) -> None:
        """Where the training stands (`kcnn.training.trainer.Report`); called a few times a second."""

    def epoch(self, epoch: int, metrics: dict[str, float]) -> None:
        """An epoch (counted from 0) is over."""

    def note(self, message: str) -> None:
        """Something that was found or decided on the way."""

    def warn(self, message: str) -> None:
        """Something the user should know; the run goes on."""

"""How a training goes: a live bar on a terminal, a plain line an epoch in a log."""

import sys
import time
from typing import Any

from kcnn.cli.output import duration, measures, say
from kcnn.experiment.listener import Listener

_LOG_SECONDS = 30.0

_NOTABLE, _LONG = 0.05, 1.0
"""The share of an epoch, and the seconds of it, from which it is said that a training waits for data."""


def listener() -> "Log":
    """What suits the error stream."""
    return Bar() if sys.stderr.isatty() else Log()


class Log(Listener):
    """Plain lines: the run, each epoch, and every half minute within one."""

    def __init__(self) -> None:
        self._last = time.monotonic()
        self._counted: tuple[str, int, float] | None = None
        self._examples = "images"
        self._count = 0

    def begin(self, run: str, facts: dict[str, Any]) -> None:
        """Name the run and what it trains."""
        self._examples, self._count = facts["examples"], facts["train_examples"]
        say(
            f"{run}: {facts['model']}, {facts['parameters']:,} parameters, {_size(facts)}, "
            f"{facts['train_examples']:,} training {self._examples}, {facts['device']}"
        )

    def counting(self, what: str, done: int, total: int) -> None:
        """Say so only if it takes long."""
        left = self._seconds_left(what, done, total)
        if time.monotonic() - self._last > _LOG_SECONDS:
            self._last = time.monotonic()
            say(f"  {what}: {done:,} of {total:,}, {duration(left)} left")

    def _seconds_left(self, what: str, done: int, total: int) -> float | None:
        """From the speed since the first word of it."""
        if self._counted is None or self._counted[0] != what or done <= self._counted[1]:
            self._counted = what, done, time.monotonic()
            return None
        _, first, moment = self._counted
        return (total - done) * (time.monotonic() - moment) / (done - first)

    def step(self, report: Any) -> None:
        """A line every half minute."""
        if time.monotonic() - self._last > _LOG_SECONDS:
            self._last = time.monotonic()
            say(
                f"  epoch {report.epoch + 1}/{report.epochs}, step {report.done}/{report.total}: "
                f"{measures(report.metrics, ', ')}, "
                f"{report.images_per_second:,.0f} {self._examples}/s, {duration(report.seconds_left)} left"
            )

    def epoch(self, epoch: int, metrics: dict[str, float]) -> None:
        """A line an epoch."""
        self._last = time.monotonic()
        say(f"  {_epoch_line(epoch, metrics, self._examples, self._count)}")

    def note(self, message: str) -> None:
        """A line."""
        say(message)

    def warn(self, message: str) -> None:
        """A line."""
        self.note(f"kcnn: {message}")

    def close(self) -> None:
        """Nothing is left open."""


class Bar(Log):
    """A live bar with the time left; finished epochs scroll by above it."""

    def __init__(self, console: Any = None) -> None:
        super().__init__()
        from rich.console import Console
        from rich.progress import BarColumn, Progress, TextColumn

        self._console = console or Console(stderr=True, highlight=False)
        self._progress = Progress(
            TextColumn("  {task.description}"),
            BarColumn(24),
            TextColumn("{task.fields[text]}"),
            console=self._console,
            transient=True,
        )
        self._task: Any = None

    def preparing(self, what: str) -> None:
        """A bar that only moves."""
        self.close()
        self._draw(what, 0, None, "")

    def begin(self, run: str, facts: dict[str, Any]) -> None:
        """Name the run and what it trains."""
        self.close()
        super().begin(run, facts)
        self.preparing("tracing the first step")

    def counting(self, what: str, done: int, total: int) -> None:
        """A bar with what is done, and the time left."""
        left = self._seconds_left(what, done, total)
        self._draw(what, done, total, f"{done:,} of {total:,}" + (f"  {duration(left)} left" if left else ""))
        if done >= total:
            self.close()

    def step(self, report: Any) -> None:
        """Move the bar."""
        text = (
            f"{measures(report.metrics, '  ')}  "
            f"{report.images_per_second:,.0f} {self._examples}/s  {duration(report.seconds_left)} left"
        )
        self._draw(f"epoch {report.epoch + 1}/{report.epochs}", report.done, report.total, text)

    def epoch(self, epoch: int, metrics: dict[str, float]) -> None:
        """A line an epoch, above the bar."""
        self._console.print(f"  {_epoch_line(epoch, metrics, self._examples, self._count)}", soft_wrap=True)

    def note(self, message: str) -> None:
        """A line above the bar."""
        self._console.print(message, soft_wrap=True, markup=False)

    def close(self) -> None:
        """Take the bar away."""
        if self._task is not None:
            self._progress.stop()
            self._progress.remove_task(self._task)
            self._task = None

    def _draw(self, description: str, done: int, total: int | None, text: str) -> None:
        if self._task is None:
            self._task = self._progress.add_task(description, total=total, text=text)
            self._progress.start()
        self._progress.update(self._task, description=description, completed=done, total=total, text=text)


def _size(facts: dict[str, Any]) -> str:
    """What an example measures, and of a series how much of it a network sees at once."""
    match facts["examples"]:
        case "images":
            return f"{facts['input_shape']} pixels"
        case "recordings":
            field = facts["receptive_field"]
            seen = f", {field:,} of them seen at once" if field is not None else ""
            return f"up to {int(facts['input_shape']):,} samples{seen}"
        case "texts":
            return f"up to {facts['input_shape']} words"
        case "clips":
            frames, _, frame = facts["input_shape"].partition("x")
            return f"{frames} frames of {frame} pixels"
        case _:
            field = facts["receptive_field"]
            seen = "all of them" if field is None else f"{field:,} of them"
            steps, _, channels = facts["input_shape"].partition("x")
            return f"{steps} steps of {channels} {'number' if channels == '1' else 'numbers'} ({seen} seen at once)"


def _epoch_line(epoch: int, metrics: dict[str, float], examples: str, count: int) -> str:
    apart = {"learning_rate", "images_per_second", "waiting"}
    trained = {name: value for name, value in metrics.items() if name not in apart and not name.startswith("val_")}
    held_out = {name.removeprefix("val_"): value for name, value in metrics.items() if name.startswith("val_")}
    line = f"epoch {epoch + 1:>3}: {measures(trained, ', ')}"
    if held_out:
        line += f", validation {measures(held_out, ', ')}"
    line += f", {metrics['images_per_second']:,.0f} {examples}/s"
    waiting = metrics.get("waiting", 0.0)
    if waiting >= _NOTABLE and waiting * count / metrics["images_per_second"] >= _LONG:
        line += f", {waiting:.0%} of the time waiting for data"
    return line

"""`kcnn demo`."""

from pathlib import Path
from threading import Event
from typing import Any

import click

from kcnn.cli.output import exactness, percent, print_table, say


@click.command()
def demo() -> None:
    """Train three models on real digits, compare, export and serve the best, ask it; a few minutes."""
    from kcnn.cli.compare import print_comparison
    from kcnn.cli.train import trained
    from kcnn.experiment import demo as verbs

    def run(listener: Any, stop: Event) -> Any:
        return verbs.demo(listener, lambda text: say(f"\n== {text}"), print_comparison, stop)

    done = trained(run)
    rows = [
        (_shown(answer.image), answer.truth, answer.prediction, percent(answer.probability)) for answer in done.answers
    ]
    print_table(("image", "is", "answer", "probability"), rows, title=f"{done.url}/v1/models/{done.exported.name}")
    say(
        f"{_shown(done.exported.path)} answers as the trained model does, {exactness(done.exported.difference)}. "
        "The server is stopped.\n\n"
        "Next:\n"
        "  .venv/bin/kcnn ui                       the runs in MLflow\n"
        f"  .venv/bin/kcnn serve                    then: .venv/bin/kcnn predict {_shown(done.answers[0].image)}\n"
        "  .venv/bin/kcnn compare --data FOLDER lenet5 resnet20_cifar    your own images"
    )


def _shown(path: Path) -> str:
    """As short as it can be typed."""
    return str(path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path)

"""`kcnn demo`."""

import click

from kcnn.cli.output import percent, print_table, say


@click.command()
def demo() -> None:
    """Train three models on real digits, compare, export and serve the best, ask it; a few minutes."""
    from kcnn.cli.compare import print_comparison
    from kcnn.cli.train import trained
    from kcnn.experiment import demo as verbs

    def run(listener, stop):  # type: ignore[no-untyped-def]
        return verbs.demo(listener, lambda text: say(f"\n== {text}"), print_comparison, stop)

    done = trained(run)
    rows = [
        (str(answer.image), answer.truth, answer.prediction, percent(answer.probability)) for answer in done.answers
    ]
    print_table(("image", "is", "answer", "probability"), rows, title=f"{done.url}/v1/models/{done.exported.name}")
    say(
        f"{done.exported.path} answers as the run did, to {done.exported.difference:.1e}. The server is stopped.\n\n"
        "Next:\n"
        "  .venv/bin/kcnn ui                       the runs in MLflow\n"
        f"  .venv/bin/kcnn serve                    then: .venv/bin/kcnn predict {done.answers[0].image}\n"
        "  .venv/bin/kcnn compare --data FOLDER lenet5 resnet20_cifar    your own images"
    )

"""`kcnn runs`."""

from typing import Any

import click

from kcnn.cli.output import duration, json_option, measure, print_json, print_table, say

_STATUS = {"KILLED": "interrupted"}


@click.command()
@click.option("--sync", is_flag=True, help="Send what the tracking server has missed.")
@click.option("-n", "limit", default=20, show_default=True, type=click.IntRange(min=1), help="How many.")
@json_option
def runs(sync: bool, limit: int, as_json: bool) -> None:
    """List past runs, newest first."""
    from kcnn.tracking import journal
    from kcnn.workspace import Workspace

    workspace = Workspace()
    if sync:
        from kcnn.tracking.delivery import sync as send

        say(f"{send(workspace)} runs sent to {workspace.tracking_uri}")
    found = journal.runs(workspace)[:limit]
    if as_json:
        print_json({"runs": [vars(summary) for summary in found]})
        return
    if not found:
        say("No runs yet: kcnn train lenet5_digits makes one")
        return
    rows = [
        (
            summary.name,
            _STATUS.get(summary.status, summary.status.lower()),
            _headline(summary, "val"),
            _headline(summary, "test"),
            duration(summary.metrics.get("final_seconds")),
        )
        for summary in found
    ]
    print_table(("run", "status", "val", "test", "training"), rows)


def _headline(summary: Any, split: str) -> str:
    """A run's own, or that of the best of a comparison, by the first of these measures that it has."""
    for name in ("iou", "accuracy", "squared_error", "mase"):
        for of in ("final", "best"):
            if (value := summary.metrics.get(f"{of}_{split}_{name}")) is not None:
                return measure(name, value)
    return "-"

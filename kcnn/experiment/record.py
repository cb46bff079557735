"""The record of what is no training of its own: a comparison, a probe, a search."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from kcnn.errors import InterruptedRun
from kcnn.experiment import environment, folder
from kcnn.experiment.listener import Listener
from kcnn.tracking.delivery import deliver
from kcnn.tracking.journal import Journal
from kcnn.workspace import Workspace


@contextmanager
def recorded(what: str, workspace: Workspace, listener: Listener, tags: Mapping[str, str]) -> Iterator[Journal]:
    """A journal in a folder of its own, named `what` and when; its end is recorded as the block's end was."""
    name = folder.unique(what)
    journal = Journal(workspace.run(name))
    journal.start(tags=environment.describe() | dict(tags))
    try:
        yield journal
        journal.finish("FINISHED")
    except (InterruptedRun, KeyboardInterrupt):
        journal.finish("KILLED")
        raise
    except BaseException:
        journal.finish("FAILED")
        raise
    finally:
        deliver(workspace.run(name), workspace, listener.warn)


def markdown(columns: Mapping[str, str], rows: list[dict[str, object]]) -> str:
    """A table as MLflow's UI shows it: `columns` are its headings with the keys of the rows."""

    def text(value: object) -> str:
        if value is None:
            return "-"
        return f"{value:.4g}" if isinstance(value, float) else f"{value:,}" if isinstance(value, int) else str(value)

    lines = [list(columns), ["---"] * len(columns), *([text(row[key]) for key in columns.values()] for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)

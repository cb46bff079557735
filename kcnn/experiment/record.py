"""The record of what is no training of its own: a comparison, a probe, a search."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from kcnn.errors import HeldRun, InputError, InterruptedRun
from kcnn.experiment import environment, folder
from kcnn.experiment.listener import Listener
from kcnn.tracking.delivery import deliver
from kcnn.tracking.journal import Journal, summarise
from kcnn.workspace import Workspace


@contextmanager
def recorded(
    command: str,
    workspace: Workspace,
    listener: Listener,
    tags: Mapping[str, str],
    request: Mapping[str, Any] | None = None,
    name: str | None = None,
) -> Iterator[Journal]:
    """A journal in a folder of its own, named after the command and when; its end is recorded as the block's end was.

    With a `request`, which is plain JSON, what is interrupted can be gone on with: `requested` gives it back, to be
    done under the same `name`. Interruption is InterruptedRun then, with the command that resumes.
    """
    place = folder.RunFolder(workspace.run(name or folder.unique(command)))
    with place.locked():
        if request is not None:
            place.write("request", {"command": command, **request})
        journal = Journal(place.path)
        journal.start(tags=environment.describe() | dict(tags))
        try:
            yield journal
            journal.finish("FINISHED")
        except (InterruptedRun, KeyboardInterrupt):
            journal.finish("KILLED")
            if request is None:
                raise
            raise InterruptedRun(place.name, command) from None
        except BaseException:
            journal.finish("FAILED")
            raise
        finally:
            deliver(place.path, workspace, listener.warn)


def requested(command: str, name: str, workspace: Workspace) -> tuple[str, dict[str, Any]]:
    """The whole name of what was interrupted, and the request it was made from; `latest` is the newest.

    Raises InputError, with the nearest name, where there is no such thing, it is finished, or goes on elsewhere.
    """
    found = folder.find_request(workspace, command, name)
    summary = summarise(found.path)
    if summary and summary.status == "FINISHED":
        raise InputError(f"{found.name} is finished: there is nothing to resume")
    if summary and summary.status == "RUNNING":
        raise HeldRun(f"another process is at {found.name}")
    return found.name, found.read("request") or {}


def markdown(columns: Mapping[str, str], rows: list[dict[str, object]]) -> str:
    """A table as MLflow's UI shows it: `columns` are its headings with the keys of the rows."""

    def text(value: object) -> str:
        if value is None:
            return "-"
        return f"{value:.4g}" if isinstance(value, float) else f"{value:,}" if isinstance(value, int) else str(value)

    lines = [list(columns), ["---"] * len(columns), *([text(row[key]) for key in columns.values()] for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)

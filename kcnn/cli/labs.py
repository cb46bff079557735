"""`kcnn labs`."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import click

from kcnn.cli.output import json_option, print_json, print_table, say

if TYPE_CHECKING:
    from kcnn.labs.catalog import Lab


@click.command()
@json_option
def labs(as_json: bool) -> None:
    """List the claims of the lecture that can be tried, in its order: page, minutes, last verdict."""
    from kcnn.labs.catalog import LABS
    from kcnn.labs.run import last_verdict

    last = {name: last_verdict(name) for name in LABS}
    if as_json:
        print_json({"labs": [{**vars(lab), "last": last[lab.name]} for lab in LABS.values()]})
        return
    rows = [(lab.name, lab.page, _minutes(lab), _verdict(last[lab.name]), lab.claim) for lab in LABS.values()]
    print_table(("lab", "page", "minutes", "last verdict", "claim"), rows)
    say("kcnn lab NAME tries one, kcnn lab --all every one; minutes (and those of --full) on a core of an AMD EPYC")


def _minutes(lab: "Lab") -> str:
    return f"{lab.minutes:g}" + ("" if lab.longer is None else f" ({lab.longer:g})")


def _verdict(last: Mapping[str, Any] | None) -> str:
    if last is None:
        return "not tried"
    verdict = "holds" if last["holds"] else "does NOT hold"
    return f"{verdict}{', full' if last['full'] else ''}, {last['at'][:10]}"

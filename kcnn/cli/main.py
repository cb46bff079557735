"""`kcnn`: a command is imported when it is called, and every foreseen fault is one line and an exit code."""

import sys
from importlib import import_module

import click

from kcnn import __version__
from kcnn.cli.group import Group
from kcnn.errors import InputError, InterruptedRun

COMMANDS = {
    "compare": "Train several recipes, or several models on your data, and tabulate them.",
    "crossvalidate": "Train recipes on every fold of their data: mean and spread.",
    "demo": "Train three models on real digits, compare, export and serve the best, ask it.",
    "export": "Write a run's model to saved_models/, proved to answer as it did.",
    "explain": "Draw what a run's model looks at in an image, a text or a clip.",
    "features": "Write what a pretrained network's layer answers to your images.",
    "filters": "Blur, sharpen, find edges, templates and keypoints in a picture.",
    "forecast": "Say how dated series go on, with intervals.",
    "generate": "Make new images or sounds from a run that has learned to.",
    "lab": "Try a claim of the lecture: verdict, numbers, figure.",
    "labs": "List the claims of the lecture.",
    "models": "List the architectures.",
    "predict": "Ask a server about images, texts, series, sounds or clips, or for new ones.",
    "probe": "Ask a pretrained network's layers what they know of your data.",
    "recipes": "List the recipes, or show one.",
    "repeat": "Train recipes from several seeds: mean and spread.",
    "runs": "List past runs.",
    "serve": "Answer TF Serving's REST protocol with what is in saved_models/.",
    "show": "Print an architecture layer by layer.",
    "train": "Train a recipe, or resume a run.",
    "transfer": "Train on your data from pretrained weights.",
    "weights": "List the pretrained weights at hand.",
    "truncate": "Search where to cut a pretrained network for your data.",
    "ui": "Serve MLflow's UI on the runs.",
}


class LazyGroup(Group):
    """A group whose commands live in modules of their own, imported on use."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names, in order."""
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of that name, imported."""
        if cmd_name not in COMMANDS:
            return None
        return getattr(import_module(f"kcnn.cli.{cmd_name}"), cmd_name)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The list in `--help`, without importing a command."""
        with formatter.section("Commands"):
            formatter.write_dl(sorted(COMMANDS.items()))


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="kcnn")
def cli() -> None:
    """Classic convolutional networks: built, trained, compared, exported and served."""


def main(arguments: list[str] | None = None) -> None:
    """Run the command line and exit: 2 for what the caller can mend, 3 for faulty data, 75 for a run to resume."""
    sys.exit(call(sys.argv[1:] if arguments is None else arguments))


def call(arguments: list[str]) -> int:
    """Run the command line; the exit code."""
    try:
        return cli.main(arguments, prog_name="kcnn", standalone_mode=False) or 0
    except click.exceptions.NoArgsIsHelpError as help_page:
        click.echo(help_page.format_message(), err=True)
        return 2
    except click.ClickException as error:
        return _refuse(error.format_message(), error.exit_code)
    except (InputError, InterruptedRun) as error:
        return _refuse(str(error), error.exit_code)
    except BrokenPipeError:
        # The reader went away (kcnn runs | head): nothing to say, and nobody to say it to.
        sys.stdout = None
        return 0
    except OSError as error:
        # A workspace that cannot be written to, a disk that is full.
        return _refuse(f"{error.filename or 'the operating system'}: {error.strerror or error}", 2)
    except (KeyboardInterrupt, click.Abort):
        return _refuse("interrupted", 130)


def _refuse(message: str, code: int) -> int:
    click.echo("kcnn: " + " ".join(message.split()), err=True)
    return code

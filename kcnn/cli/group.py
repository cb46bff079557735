"""Groups of commands that answer an unknown name with the nearest one."""

import click

from kcnn.errors import unknown


class Group(click.Group):
    """As click's, but an unknown command is answered with the nearest one, as any other name is."""

    noun = "command"

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """As click does. Raises InputError for a name that is no command's."""
        names = self.list_commands(ctx)
        if args and args[0] not in names and not args[0].startswith("-"):
            raise unknown(self.noun, args[0], names)
        return super().resolve_command(ctx, args)

"""The program `clarion`: all commands, and the one place where errors become an exit code."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from clarion import __version__
from clarion.cli.apply import apply
from clarion.cli.audit import audit
from clarion.cli.backup import backup
from clarion.cli.blast import blast
from clarion.cli.check import check
from clarion.cli.dead import dead
from clarion.cli.demo.command import demo
from clarion.cli.failing import INTERRUPTED, MISUSED, ending_of
from clarion.cli.keys import keys
from clarion.cli.migrate import migrate
from clarion.cli.options import AsJson
from clarion.cli.preferences import preferences
from clarion.cli.restore import restore
from clarion.cli.send import send
from clarion.cli.serve import serve
from clarion.cli.terminal import complain, say_json
from clarion.cli.topics import topics
from clarion.cli.up import up
from clarion.cli.what_if import what_if
from clarion.cli.why import why

DEBUG = "--debug"

app = typer.Typer(
    name="clarion",
    help="Notifications with a reason for each: nothing lost, urgent never behind bulk.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


@app.callback()
def _options(
    debug: Annotated[
        bool, typer.Option(DEBUG, help="Show where in the program an error came from.")
    ] = False,
) -> None:
    """Options of all commands. `--debug` may stand anywhere: `main` takes it out before."""


@app.command()
def version(as_json: AsJson = False) -> None:
    """Say which version this is."""
    if as_json:
        say_json({"version": __version__})
    else:
        typer.echo(f"clarion {__version__}")


app.command()(up)
app.command()(demo)
app.command()(serve)
app.command()(check)
app.command()(migrate)
app.command()(apply)
app.command()(send)
app.command()(why)
app.command("what-if")(what_if)
app.command()(audit)
app.command()(backup)
app.command()(restore)
app.add_typer(blast, name="blast")
app.add_typer(dead, name="dead")
app.add_typer(preferences, name="preferences")
app.add_typer(topics, name="topics")
app.add_typer(keys, name="keys")


def run() -> None:
    """Entry point of the program."""
    sys.exit(main(sys.argv[1:]))


def main(arguments: list[str]) -> int:
    """Run a command; its exit code. Errors become one line on stderr (a traceback only with
    --debug)."""
    debug = DEBUG in arguments
    given = [argument for argument in arguments if argument != DEBUG]
    try:
        answer = app(given, prog_name="clarion", standalone_mode=False)
    except typer.TyperException as error:
        complain(_misuse(error))
        return MISUSED
    except (KeyboardInterrupt, typer.Abort):
        return INTERRUPTED
    except Exception as error:
        if debug:
            raise
        text, code = ending_of(error)
        complain(text)
        return code
    return answer if isinstance(answer, int) else 0


def _misuse(error: typer.TyperException) -> str:
    text = error.format_message().replace(": Value error, ", ": ")
    context = getattr(error, "ctx", None)
    where = context.command_path if context is not None else "clarion"
    return f"{text} See `{where} --help`." if text else f"See `{where} --help`."

"""The command line: the one place where an error becomes an exit code."""

import importlib
import io
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import click

from gotwatch import streams, words
from gotwatch.cli.helping import translated
from gotwatch.cli.options import Options
from gotwatch.config import language, places
from gotwatch.errors import ExitCode, GotwatchError
from gotwatch.version import VERSION

# name -> (module of gotwatch.cli, short help). The modules are imported when their command is used, as they bring
# in the whole program and --help must answer at once.
COMMANDS = {
    "setup": ("first_run", "Ask what to watch, and set it up."),
    "init": ("setup", "Write a commented config."),
    "add": ("folders", "Watch a folder too."),
    "remove": ("folders", "Watch a folder no longer."),
    "config": ("setup", "Look after the config."),
    "run": ("daemon", "Watch the folders and read what comes."),
    "once": ("daemon", "Read all that is in the folders now, and end."),
    "serve": ("serving", "Read what other programs send, over HTTP."),
    "read": ("reading", "Print the text of files."),
    "render": ("rendering", "Make a page of text that was read before."),
    "compare": ("evaluating", "Show side by side what two engines read in a file."),
    "evaluate": ("evaluating", "Measure how well engines read pages whose text is known."),
    "truth": ("truth", "Make pages with known text out of PDFs."),
    "status": ("asking", "Say what gotwatch does, what waits, and what ended last."),
    "pause": ("asking", "Read nothing more until it is resumed."),
    "resume": ("asking", "Go on after a pause."),
    "retry": ("asking", "Try files that failed again."),
    "reprocess": ("asking", "Read a file anew."),
    "forget": ("asking", "Drop a file and its kept text."),
    "why": ("asking", "Explain what became of a file."),
    "rescan": ("asking", "Look through all watched folders now."),
    "stop": ("asking", "End the running gotwatch."),
    "autostart": ("login", "Start gotwatch at login, or not."),
    "model": ("model", "Download, check and list the models."),
    "log": ("setup", "Print the end of the log."),
    "doctor": ("setup", "Check the installation, and say how to mend it."),
}


class _Commands(click.Group):
    """The commands, in the order of the table above."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        if config := ctx.params.get("config"):  # a command's help comes before anything else is done
            _speak(config)
        module = importlib.import_module(f"gotwatch.cli.{COMMANDS[cmd_name][0]}")
        found: dict[str, click.Command] = {command.name or "": command for command in module.COMMANDS}
        return translated(found[cmd_name])

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002 - click's
        with formatter.section(words.say("Commands")):
            formatter.write_dl([(name, words.retell(short)) for name, (_, short) in COMMANDS.items()])


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.option("--config", type=click.Path(path_type=Path, dir_okay=False), help="The config file (or GOTWATCH_CONFIG).")
@click.option(
    "--state-dir",
    type=click.Path(path_type=Path, file_okay=False),
    help="Where the queue, the log and the lock are (or GOTWATCH_STATE_DIR).",
)
@click.option(
    "--env",
    multiple=True,
    hidden=True,
    is_eager=True,
    expose_value=False,
    callback=lambda _context, _option, values: _set_variables(values),
    help="NAME=VALUE, for start-up entries that cannot set variables.",
)
@click.option("--windowed", is_flag=True, hidden=True, help="What is printed is seen by nobody.")
@click.version_option(VERSION, prog_name="gotwatch")
@click.pass_context
def gotwatch(context: click.Context, config: Path | None, state_dir: Path | None, windowed: bool) -> None:
    """Reads every image and PDF that is dropped into your folders."""
    context.obj = Options(config, state_dir, windowed)
    if windowed:
        streams.keep_in(places.state_folder(state_dir).printed)


def _set_variables(assignments: Sequence[str]) -> None:
    """Eager, as the modules of a command may look at them when they are imported."""
    for assignment in assignments:
        name, equals, value = assignment.partition("=")
        if not name or not equals or "\0" in assignment:
            raise click.BadParameter(f"{assignment!r} is not NAME=VALUE")
        os.environ[name] = value


def main(argv: Sequence[str] | None = None, *, tell: Callable[[str, str], None] | None = None) -> int:
    """*tell* is given each error's message and hint, beside standard error."""
    streams.ensure()
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # a name may hold what the terminal cannot show
    _speak(None)
    try:
        code = _run(argv, tell)
        sys.stdout.flush()
    except BrokenPipeError:
        # The reader of our output left, as `head` does. What is still buffered has nowhere to go, also at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return ExitCode.OK
    return code


def _speak(config: Path | None) -> None:
    """In the language that the config asks for, unless the environment has said it."""
    if words.VARIABLE not in os.environ and (wish := language.wish(places.config_file(config))) != words.AUTO:
        words.speak(wish)


def _run(argv: Sequence[str] | None, tell: Callable[[str, str], None] | None) -> int:
    try:
        code = translated(gotwatch).main(args=argv, prog_name="gotwatch", standalone_mode=False)
        return code if isinstance(code, int) else ExitCode.OK
    except GotwatchError as error:
        _print(error.message, error.hint)
        if tell:
            tell(error.message, error.hint)
        return error.exit_code
    except click.ClickException as error:
        error.show()
        return ExitCode.USAGE
    except (click.Abort, KeyboardInterrupt):
        return ExitCode.INTERRUPTED
    except SystemExit as left:  # click's way to say that the reader of our output left
        raise BrokenPipeError from left


def _print(message: str, hint: str) -> None:
    for line in (f"gotwatch: {words.retell(message)}", words.retell(hint)):
        if line:
            print(line, file=sys.stderr)

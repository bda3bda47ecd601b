"""Write docs/cli.md from the commands themselves: python docs/cli_reference.py."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import typer

from feedback.cli import app

PAGE = Path(__file__).parent / "cli.md"
HEAD = """# Commands

Made from the program by `python docs/cli_reference.py`. `feedback COMMAND --help` says the same in the terminal.

Exit codes: 0 fine; 1 an error, told in one line that says what to do; 2 wrong usage or a path that does not exist.
"""


def commands() -> Iterator[tuple[str, Any]]:
    """Every command as it is typed, without arguments, and what typer knows of it."""
    yield from _inside("feedback", typer.main.get_command(app))


def _inside(name: str, command: Any) -> Iterator[tuple[str, Any]]:
    inner = getattr(command, "commands", None)
    if inner is None:
        yield name, command
        return
    for word, part in inner.items():
        yield from _inside(f"{name} {word}", part)


def described(command: Any) -> tuple[str, str]:
    """A command's help and its example, which follows the word "Example:"; either may be empty."""
    paragraphs = [" ".join(part.split()) for part in re.split(r"\n\s*\n", command.help or "")]
    text, _, example = "\n\n".join(paragraphs).partition("Example:")
    return text.strip(), example.strip()


def render() -> str:
    """The whole page."""
    return "\n".join([HEAD, *(_section(name, command) for name, command in commands())])


def _section(name: str, command: Any) -> str:
    text, example = described(command)
    arguments = [p for p in command.params if p.param_type_name == "argument"]
    options = [p for p in command.params if p.param_type_name == "option" and p.name != "help"]
    usage = " ".join([name, *(_shown(p) for p in arguments), *(["[OPTIONS]"] if options else [])])
    lines = [f"## {name}", "", text, "", f"    {usage}", ""]
    if arguments or options:
        lines += ["| | Meaning | Default |", "| --- | --- | --- |"]
        lines += [f"| `{_shown(p)}` | {_cell(p.help)} | {_default(p)} |" for p in (*arguments, *options)]
        lines.append("")
    return "\n".join([*lines, "Example:", "", f"    {example}", ""])


def _shown(parameter: Any) -> str:
    if parameter.param_type_name == "argument":
        return str(parameter.metavar or parameter.name.upper()) + ("..." if parameter.nargs == -1 else "")
    return str(parameter.opts[0])


def _cell(text: str | None) -> str:
    return " ".join((text or "").split()).replace("|", "\\|")


def _default(parameter: Any) -> str:
    if parameter.required:
        return "required"
    return f"`{parameter.default}`" if parameter.default else ""


if __name__ == "__main__":
    PAGE.write_text(render(), encoding="utf-8")

"""Options that several commands share."""

from __future__ import annotations

from typing import Annotated

import typer

DEFAULT_URL = ""
"""The server whose settings are here."""

Url = Annotated[
    str,
    typer.Option(
        "--url",
        envvar="CLARION_URL",
        show_default=False,
        help="The server to speak to; without it, `listen` of the settings here says where "
        "(127.0.0.1:8400 where there are none).",
    ),
]

Key = Annotated[
    str | None,
    typer.Option(
        "--key",
        envvar="CLARION_API_KEY",
        show_envvar=True,
        help="An API key; without one, that of the server whose data folder is here.",
    ),
]

AsJson = Annotated[bool, typer.Option("--json", help="Answer as JSON, for programs.")]

Environment = Annotated[str, typer.Option("--env", help="The environment.")]

"""Links that sign an operator in to the dashboard, once; and opening one on a desktop."""

from __future__ import annotations

import secrets
import sys
import threading
import webbrowser
from collections.abc import Mapping
from typing import TYPE_CHECKING

from clarion.clock import SystemClock

if TYPE_CHECKING:
    from clarion.store.contract.keys import KeyStore

PAGE = "/sign-in"
DISPLAYS = ("DISPLAY", "WAYLAND_DISPLAY")
ELSEWHERE = ("CI", "SSH_CONNECTION", "SSH_TTY")
"""What is set where nobody sits in front of this machine's screen."""


async def sign_in_link(
    keys: KeyStore, url: str, environment: str, scope: str = "admin", to: str = "/"
) -> str:
    """An address that opens the dashboard, signed in, at the page `to`. It works once, within
    minutes. The environment exists.

    The code stands behind the `#`: browsers send that to nobody.
    """
    from clarion.api.auth import KEY_BYTES
    from clarion.api.sign_in import new_code

    now = SystemClock().now()
    code = await new_code(keys, environment, scope, now, secrets.token_bytes(KEY_BYTES))
    there = f"to={to}&" if to != "/" else ""
    return f"{url}/#{PAGE}?{there}code={code}"


def desktop_here(environ: Mapping[str, str], platform: str = sys.platform) -> bool:
    """Whether somebody sits at this machine and a browser can open."""
    if any(environ.get(name) for name in ELSEWHERE):
        return False
    if platform in ("darwin", "win32"):
        return True
    return any(environ.get(name) for name in DISPLAYS)


def open_in_browser(link: str) -> None:
    """Open a page in this user's browser, if it has one; nothing waits for it."""
    threading.Thread(target=_open, args=(link,), name="browser", daemon=True).start()


def _open(link: str) -> None:
    try:
        webbrowser.open(link)
    except (OSError, webbrowser.Error):
        # The link is in the terminal, too.
        return

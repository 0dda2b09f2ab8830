"""The browser that the tests drive: the machine's own, or the one that Playwright fetched."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
SWITCH = "CLARION_NO_BROWSER"
MEND = (
    "The browser tests need Chromium and there is none here. Mend: apt-get install chromium, or "
    "playwright install chromium, or point CHROMIUM at one. CLARION_NO_BROWSER=1 leaves them out."
)

ARGUMENTS = [
    "--no-sandbox",  # tests may run as root, in a container
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--hide-scrollbars",
    # Whatever a page asks for elsewhere ends here, and the test that saw it fails.
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost",
]


def unwanted() -> bool:
    """Whether somebody said to do without."""
    return os.environ.get(SWITCH, "") not in ("", "0")


def main() -> int:
    """0 when there is a browser or none is wanted; else 1, and the mend is said."""
    with sync_playwright() as playwright:
        try:
            unwanted() or find(playwright.chromium.executable_path)
        except AssertionError as error:
            sys.stderr.write(f"{error}\n")
            return 1
    return 0


def find(fetched: str = "") -> str:
    """Path of the browser. `fetched` is where Playwright would keep its own.

    AssertionError with the mend when there is none: a test that cannot run has not passed.
    """
    named = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), "")
    path = named or fetched
    assert Path(path or "nowhere").is_file(), MEND
    return path


if __name__ == "__main__":
    sys.exit(main())

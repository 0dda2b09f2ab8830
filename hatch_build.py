"""Puts the built web pages into the wheel, so that whoever installs needs nothing but Python."""

from __future__ import annotations

import os
import runpy
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class WebBuild(BuildHookInterface):  # type: ignore[type-arg]
    """`CLARION_SKIP_WEB=1` leaves the pages out: the API works, `/` says what is missing."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Run `web/build.py`, where there is one."""
        script = Path(self.root, "web", "build.py")
        if os.environ.get("CLARION_SKIP_WEB") == "1" or not script.is_file():
            return
        runpy.run_path(str(script))["build"]()
        build_data["artifacts"].append("src/clarion/static/**")

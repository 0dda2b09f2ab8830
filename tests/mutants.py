"""How many small changes of the decision tests/core notices: `make mutate`.

`MUTANTS='clarion.core.law*'` tries those of one module. Changes of code that runs at import only
(tables of rulings) cannot be noticed this way, and some change nothing that anybody could see.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from pathlib import Path

KEPT = Path("mutants/src/clarion/core")
SURVIVED, UNTESTED, UNTRIED = "survived", "untested", "untried"
_OUTCOMES = {None: UNTRIED, 0: SURVIVED, 5: UNTESTED, 33: UNTESTED}
"""By the exit code of the tests; every other one means that they noticed."""


def main(wanted: list[str]) -> int:
    """Try the changes, print a table and what was not noticed."""
    tried = subprocess.run([sys.executable, "-m", "mutmut", "run", *wanted], check=False)
    show()
    return tried.returncode


def show() -> None:
    """Of each module: changes tried, noticed, and the share in percent."""
    total, noticed = 0, 0
    missed: list[str] = []
    for path in sorted(KEPT.glob("*.py.meta")):
        codes = json.loads(path.read_text("utf-8"))["exit_code_by_key"]
        counts = Counter(_OUTCOMES.get(code, "noticed") for code in codes.values())
        tried = len(codes) - counts[UNTRIED]
        if tried:
            print(_row(path.name.removesuffix(".meta"), tried, counts["noticed"]))
            total, noticed = total + tried, noticed + counts["noticed"]
        missed += [
            key for key, code in codes.items() if _OUTCOMES.get(code) in (SURVIVED, UNTESTED)
        ]
    print(_row("together", total, noticed) if total else "nothing was tried")
    for key in missed:
        print(f"  not noticed: {key}  (mutmut show {key})")


def _row(name: str, tried: int, noticed: int) -> str:
    return f"{name:16} {tried:5} changes {noticed:5} noticed {100 * noticed / tried:6.1f} %"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

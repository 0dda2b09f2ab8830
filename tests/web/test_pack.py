from __future__ import annotations

import json
import re
import runpy
import subprocess
import sys
import tarfile
from pathlib import Path, PurePosixPath

import pytest

from clarion import __version__

ROOT = Path(__file__).resolve().parents[2]

pytestmark = [pytest.mark.timeout(300), pytest.mark.xdist_group("npm")]


@pytest.fixture(scope="module")
def files() -> dict[str, str]:
    """What is in the packed package, by its path."""
    done = subprocess.run(
        [sys.executable, ROOT / "web" / "build.py", "pack"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]
    with tarfile.open(ROOT / "dist" / f"clarion-inbox-{__version__}.tgz") as packed:
        found = {}
        for member in packed.getmembers():
            read = packed.extractfile(member)
            assert read is not None
            found[member.name.removeprefix("package/")] = read.read().decode()
    return found


def test_the_package_holds_modules_types_readme_and_licence(files: dict[str, str]) -> None:
    named = {name for name in files if not name.startswith("dist/types/")}
    shared = {name for name in named if name.startswith("dist/shared-")}
    assert named - shared == {
        "package.json",
        "README.md",
        "LICENSE",
        "dist/clarion-inbox.js",
        "dist/clarion-inbox-client.js",
    }
    types = [name for name in files if name.startswith("dist/types/")]
    assert all(name.endswith(".d.ts") and ".test." not in name for name in types)


def test_what_the_package_exports_is_in_it(files: dict[str, str]) -> None:
    exports = json.loads(files["package.json"])["exports"]
    targets = [target for entry in exports.values() for target in entry.values()]
    assert [name for name in targets if name.removeprefix("./") not in files] == []


def imports(name: str, text: str) -> list[str]:
    found = re.findall(r"""(?:from|import)\s*\(?["']([^"']+)["']""", text)
    folder = PurePosixPath(name).parent
    return [str(folder / one) if one.startswith("./") else one for one in found]


def test_the_client_needs_nothing_and_the_element_only_lit(files: dict[str, str]) -> None:
    def needs(name: str) -> set[str]:
        found: set[str] = set()
        for one in imports(name, files[name]):
            found |= needs(one) if one in files else {one}
        return found

    assert needs("dist/clarion-inbox-client.js") == set()
    assert {name.split("/")[0] for name in needs("dist/clarion-inbox.js")} == {"lit"}


def test_the_client_runs_without_a_browser(files: dict[str, str], tmp_path: Path) -> None:
    program, _ = runpy.run_path(str(ROOT / "web" / "build.py"))["node"]()
    for name, text in files.items():
        if name.endswith((".js", "package.json")):
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
    script = (
        "import { InboxClient } from './dist/clarion-inbox-client.js';"
        "const inbox = new InboxClient({ url: 'http://127.0.0.1:9', token: () => 'x' });"
        "console.log(JSON.stringify(inbox.state.meta))"
    )
    done = subprocess.run(
        [program, "--input-type=module", "-e", script],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )
    assert json.loads(done.stdout) == {"total": 0, "unread": 0, "unseen": 0}

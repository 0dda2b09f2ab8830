"""The house rules that no other tool holds: sizes, names, words, mirrors, documents."""

from __future__ import annotations

import ast
import re
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from tests.tidy_lists import COVERED_BY, MIRRORED, WITHOUT_TEST

ROOT = Path(__file__).parents[1]
SOURCE = ROOT / "src" / "clarion"

FILE_LINES = 400
FUNCTION_LINES = 60
LINE_COLUMNS = 100

BANNED_MODULES = re.compile(r"(.*_)?(utils?|helpers?|managers?|common|misc|base[0-9]*)")

# In pieces, so that this file may be checked like any other.
MACHINE_FOLDERS = "|".join(("wo" + "rk", "ro" + "ot", "tm" + "p", "ho" + "me"))
MACHINE_PATHS = re.compile(rf"(?<![\w.])/(?:{MACHINE_FOLDERS})/")
REGISTRY_HOSTS = re.compile(
    "|".join(
        re.escape(".".join(parts))
        for parts in (
            ("pypi", "org"),
            ("files", "pythonhosted", "org"),
            ("registry", "npmjs", "org"),
            ("proxy", "golang", "org"),
            ("docker", "io"),
            ("ghcr", "io"),
        )
    )
)

Function = ast.FunctionDef | ast.AsyncFunctionDef


@cache
def tracked() -> tuple[Path, ...]:
    """Every file that belongs to the project, without binary ones."""
    list_files = "ls-files -z --cached --others --exclude-standard"
    answer = subprocess.run(
        ["git", "-c", "safe.directory=*", *list_files.split()],
        cwd=ROOT,
        capture_output=True,
        check=True,
        text=True,
    )
    names = [ROOT / name for name in answer.stdout.split("\0") if name]
    return tuple(path for path in names if path.is_file() and b"\0" not in path.read_bytes())


def of_python(*folders: str) -> list[Path]:
    tops = [ROOT / folder for folder in folders]
    found = [path for path in tracked() if path.suffix == ".py"]
    return [path for path in found if any(path.is_relative_to(top) for top in tops)]


@cache
def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text("utf-8"))


def named(path: Path, line: int) -> str:
    return f"{path.relative_to(ROOT)}:{line}"


def documents() -> list[Path]:
    return [path for path in tracked() if path.suffix == ".md"]


def test_files_functions_and_lines_keep_their_size() -> None:
    found = []
    for path in of_python("src", "tests", "bench"):
        lines = path.read_text("utf-8").splitlines()
        if len(lines) > FILE_LINES:
            found.append(f"{named(path, 1)} has {len(lines)} lines")
        wide = [number for number, line in enumerate(lines, 1) if len(_said(line)) > LINE_COLUMNS]
        found += [f"{named(path, number)} is over {LINE_COLUMNS} columns" for number in wide]
        for node in ast.walk(tree_of(path)):
            if isinstance(node, Function) and node.end_lineno is not None:
                size = node.end_lineno - node.lineno + 1
                if size > FUNCTION_LINES:
                    found.append(f"{named(path, node.lineno)} {node.name} has {size} lines")
    assert found == []


def _said(line: str) -> str:
    """The line without what it says to tools."""
    return re.sub(r"  # (noqa|fmt:|type:).*", "", line)


def test_no_module_has_a_name_that_says_nothing() -> None:
    names = {part for path in of_python("src", "tests", "bench") for part in _parts(path)}
    assert sorted(name for name in names if BANNED_MODULES.fullmatch(name)) == []


def _parts(path: Path) -> tuple[str, ...]:
    return path.relative_to(ROOT).with_suffix("").parts


def test_the_source_neither_prints_nor_asserts() -> None:
    found = []
    # The conformance suites are shipped tests: asserts are how they speak.
    for path in of_python("src"):
        suite = path.is_relative_to(SOURCE / "testing" / "conformance")
        for node in ast.walk(tree_of(path)):
            if isinstance(node, ast.Assert) and not suite:
                found.append(f"{named(path, node.lineno)} asserts")
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "print":
                found.append(f"{named(path, node.lineno)} prints")
    assert found == []


def test_the_words_of_the_glossary_are_kept() -> None:
    unwanted = unwanted_words()
    found = []
    for path in tracked():
        if not path.is_relative_to(SOURCE) or path.is_relative_to(SOURCE / "demo_workspace"):
            continue
        for name in sorted(set(names_in(path))):
            said = unwanted.keys() & set(words_of(name))
            found += [f"{path.relative_to(ROOT)}: {name} (say {unwanted[word]})" for word in said]
    assert found == []


def test_every_module_has_its_test() -> None:
    tests = {path.relative_to(ROOT / "tests").as_posix() for path in of_python("tests")}
    lacking = []
    for path in of_python("src"):
        name = path.relative_to(SOURCE).as_posix()
        if path.name == "__init__.py" or _is_excused(name) or name in COVERED_BY:
            continue
        folder, _, module = name.removesuffix(".py").rpartition("/")
        mirror = f"{MIRRORED.get(folder, folder)}/test_{module}".lstrip("/")
        if not any(test.startswith(mirror) for test in tests):
            lacking.append(f"{name} has no tests/{mirror}.py")
    assert lacking == []


def _is_excused(name: str) -> bool:
    if name.endswith("contract.py") or name.startswith("store/contract/"):
        return True  # Protocols and records
    return any(name == top or name.startswith(f"{top}/") for top in WITHOUT_TEST)


def test_the_lists_of_this_file_name_what_is_there() -> None:
    modules = [path.relative_to(SOURCE).as_posix() for path in of_python("src")]
    named_here = (*COVERED_BY, *WITHOUT_TEST)
    gone = [n for n in named_here if not any(m == n or m.startswith(f"{n}/") for m in modules)]
    gone += [test for test in COVERED_BY.values() if not (ROOT / "tests" / test).is_file()]
    assert gone == []


def test_every_public_name_of_a_contract_says_what_it_is() -> None:
    silent = []
    for path in of_python("src"):
        name = path.relative_to(SOURCE).as_posix()
        if not (name.endswith("contract.py") or name.startswith("store/contract/")):
            continue
        for node in tree_of(path).body:
            if not isinstance(node, ast.ClassDef | Function) or node.name.startswith("_"):
                continue
            if not ast.get_docstring(node):
                silent.append(f"{named(path, node.lineno)} {node.name}")
    assert silent == []


def test_no_file_names_a_registry_or_a_path_of_some_machine() -> None:
    found = []
    for path in tracked():
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
            if MACHINE_PATHS.search(line) or REGISTRY_HOSTS.search(line):
                found.append(f"{named(path, number)}: {line.strip()[:80]}")
    assert found == []


def test_adrs_are_numbered_without_gaps() -> None:
    files = sorted((ROOT / "docs" / "adr").glob("*.md"))
    assert [int(path.name[:4]) for path in files] == list(range(1, len(files) + 1))
    for path in files:
        text = path.read_text("utf-8")
        assert text.startswith(f"# {int(path.name[:4])}. "), path.name
        for part in ("**Context.**", "**Choice.**", "**Price.**"):
            assert part in text, f"{path.name} lacks {part}"


@pytest.mark.parametrize("path", documents(), ids=lambda path: str(path.relative_to(ROOT)))
def test_links_of_a_document_lead_somewhere(path: Path) -> None:
    dead = []
    for target, anchor in links_of(path):
        aim = (path.parent / target).resolve() if target else path
        if not aim.exists():
            dead.append(f"{target} is not there")
        elif anchor and aim.suffix == ".md" and anchor not in anchors_of(aim):
            dead.append(f"{target}#{anchor} is not there")
    assert dead == []


def test_every_document_is_linked_from_another() -> None:
    linked = {
        (path.parent / target).resolve()
        for path in documents()
        for target, _ in links_of(path)
        if target
    }
    folders = {path for path in linked if path.is_dir()}
    lonely = [
        str(path.relative_to(ROOT))
        for path in documents()
        if path not in linked and path.parent not in folders and path != ROOT / "README.md"
    ]
    assert lonely == []


def test_the_readme_fits_on_two_screens() -> None:
    assert len((ROOT / "README.md").read_text("utf-8").splitlines()) <= 100


def test_the_changelog_has_a_place_for_what_comes() -> None:
    text = (ROOT / "CHANGELOG.md").read_text("utf-8")
    assert re.search(r"^## \[Unreleased\]$", text, re.MULTILINE)


@cache
def unwanted_words() -> dict[str, str]:
    """Word that is not said -> word to say, from the last table of the glossary."""
    _, _, table = (ROOT / "GLOSSARY.md").read_text("utf-8").partition("| say | don't say |")
    found = {}
    for say, dont in re.findall(r"^\| ([^|]+) \| ([^|]+) \|$", table, re.MULTILINE):
        found.update({word.strip(): say for word in dont.split(",") if say != "---"})
    return found


def names_in(path: Path) -> Iterator[str]:
    """Names of a source file: its own, those it makes, its columns, its addresses.

    A provider's file is left out, as vendors' words are at home there.
    """
    room = path.relative_to(SOURCE).parts
    if room[0] == "channels" and len(room) > 2:
        return
    yield path.stem
    if path.suffix == ".sql":
        sql = re.sub(r"--.*|'[^']*'|\bas identity\b", "", path.read_text("utf-8"))
        yield from re.findall(r"[a-z_]+", sql)
    if path.suffix != ".py":
        return
    for node in ast.walk(tree_of(path)):
        if isinstance(node, Function | ast.ClassDef):
            yield node.name
        elif isinstance(node, ast.arg):
            yield node.arg
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id
        elif isinstance(node, ast.Constant) and str(node.value).startswith("/v1/"):
            yield from re.findall(r"[a-z-]+", str(node.value))


def words_of(name: str) -> list[str]:
    """`_ReadyRow` and `ready_row` -> ready, row."""
    return [word.lower() for word in re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+", name)]


def links_of(path: Path) -> list[tuple[str, str]]:
    """(relative target, anchor) of every link that stays inside the project."""
    text = re.sub(r"```.*?```|`[^`\n]*`", "", path.read_text("utf-8"), flags=re.DOTALL)
    found = []
    for link in re.findall(r"\]\(([^)\s]+)\)", text):
        if not re.match(r"[a-z]+:", link):
            target, _, anchor = link.partition("#")
            found.append((target, anchor))
    return found


def anchors_of(path: Path) -> set[str]:
    """Anchors of headings as GitHub makes them."""
    headings = re.findall(r"^#+ (.+)$", path.read_text("utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}

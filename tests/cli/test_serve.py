from __future__ import annotations

import pytest

from tests.cli.shell import Run


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--roles", "wroker"), "--roles names 'wroker'; did you mean 'worker'?"),
        (("--lanes", "fast"), "--lanes names 'fast'; "),
        (("--lanes", ","), "--lanes names nothing; choose from critical, transactional, social"),
        (("--roles", "api"), "a SQLite file is served by one process with every role and lane"),
        (("--lanes", "bulk"), "a SQLite file is served by one process with every role and lane"),
    ],
)
def test_parts_that_cannot_be_are_refused(
    options: tuple[str, ...], said: str, clarion: Run
) -> None:
    answer = clarion("serve", *options)
    assert answer.code == 2
    assert said in answer.err

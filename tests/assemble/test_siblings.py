"""What processes of one parent know of each other, and tell together."""

from __future__ import annotations

import asyncio
import socket
from pathlib import Path

from clarion.assemble import siblings as module
from clarion.assemble.siblings import UP, Sibling, Siblings, merged
from clarion.telemetry import OPENMETRICS, TEXT

ONE = b"""\
# HELP sent_total Sent
# TYPE sent_total counter
sent_total{lane="bulk"} 1.0
# HELP up Up
# TYPE up gauge
up 1.0
"""
TWO = b"""\
# HELP sent_total Sent
# TYPE sent_total counter
sent_total{lane="bulk"} 2.0
sent_total{lane="social",text="a } b"} 3.0
"""


def test_samples_of_all_processes_are_told_by_family() -> None:
    assert merged({2: TWO, 1: ONE}).decode().splitlines() == [
        "# HELP sent_total Sent",
        "# TYPE sent_total counter",
        'sent_total{process="1",lane="bulk"} 1.0',
        'sent_total{process="2",lane="bulk"} 2.0',
        'sent_total{process="2",lane="social",text="a } b"} 3.0',
        "# HELP up Up",
        "# TYPE up gauge",
        'up{process="1"} 1.0',
    ]


def test_a_sample_about_another_process_keeps_its_number() -> None:
    assert merged({1: b'up{process="2"} 0.0\n'}) == b'up{process="2"} 0.0\n'


def test_what_all_read_from_the_store_is_told_once_and_by_nobody() -> None:
    waits = b'# TYPE waits gauge\nwaits{lane="bulk"} %d\n'
    texts = {1: ONE + waits % 7, 2: TWO + waits % 9}
    told = merged(texts, {"waits"}, own=2).decode().splitlines()
    assert [line for line in told if line.startswith("waits")] == ['waits{lane="bulk"} 9']


def test_exemplars_stay_and_the_end_is_told_once() -> None:
    text = (
        b"# TYPE took histogram\n"
        b'took_bucket{le="0.5"} 1.0 # {trace_id="4bf9 } x"} 0.2\n'
        b"took_count 1.0\n# EOF\n"
    )
    assert merged({1: text, 2: text}, form=OPENMETRICS).decode().splitlines() == [
        "# TYPE took histogram",
        'took_bucket{process="1",le="0.5"} 1.0 # {trace_id="4bf9 } x"} 0.2',
        'took_count{process="1"} 1.0',
        'took_bucket{process="2",le="0.5"} 1.0 # {trace_id="4bf9 } x"} 0.2',
        'took_count{process="2"} 1.0',
        "# EOF",
    ]


def test_nothing_is_told_of_nobody() -> None:
    assert merged({1: b"", 2: b""}) == b""


async def test_one_process_tells_the_metrics_of_all(tmp_path: Path) -> None:
    first, second = Siblings(tmp_path, 1, 3), Siblings(tmp_path, 2, 3)
    await first.start(lambda _: ONE)
    await second.start(lambda _: TWO)
    text = (await first.gathered(lambda _: ONE, TEXT)).decode()
    assert 'sent_total{process="1",lane="bulk"} 1.0' in text
    assert 'sent_total{process="2",lane="bulk"} 2.0' in text
    await second.close()
    text = (await first.gathered(lambda _: ONE, TEXT)).decode()
    assert 'process="2"' not in text
    await first.close()
    first.leave()
    assert not tmp_path.exists()


async def test_a_silent_process_is_not_waited_for(tmp_path: Path) -> None:
    asked = Siblings(tmp_path, 1, 2)
    with socket.socket(socket.AF_UNIX) as silent:
        silent.bind(str(tmp_path / "2.metrics"))
        silent.listen()
        module_seconds, module.ANSWER_SECONDS = module.ANSWER_SECONDS, 0.05
        try:
            async with asyncio.timeout(10):
                assert await asked.gathered(lambda _: b"up 1.0\n", TEXT) == b'up{process="1"} 1.0\n'
        finally:
            module.ANSWER_SECONDS = module_seconds


async def test_how_all_processes_are_is_told_as_the_parent_said(tmp_path: Path) -> None:
    here = Siblings(tmp_path, 1, 2)
    assert here.rows == []
    here.learn([Sibling(process=2, state=UP, restarts=3, roles=("worker",), lanes=("bulk",))])
    assert here.documents() == [
        {"process": 2, "state": "up", "restarts": 3, "roles": ("worker",), "lanes": ("bulk",)}
    ]

import msgspec

from bench.machine import described
from tests.bench.builders import QUIET


def test_a_load_above_half_a_core_each_is_warned_about() -> None:
    busy = msgspec.structs.replace(QUIET, load=1.2)
    assert "load 1.20 on 2 cores" in busy.warning()
    assert msgspec.structs.replace(QUIET, load=1.0).warning() == ""


def test_this_machine_is_described() -> None:
    found = described()
    assert found.cores >= 1
    assert found.cpu
    assert found.words().startswith(found.cpu)

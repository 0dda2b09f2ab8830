"""The machine that figures were measured on, and how busy it was."""

from __future__ import annotations

import os
import platform
from pathlib import Path

import msgspec

QUIET_LOAD_PER_CORE = 0.5
"""Above it, rates say little: others take part of the machine."""


class Machine(msgspec.Struct, frozen=True, kw_only=True):
    """`load` is the average of the minute before a run, over all cores."""

    cpu: str
    cores: int
    memory_gigabytes: float
    system: str
    python: str
    load: float

    def words(self) -> str:
        """In one line, without the load."""
        return (
            f"{self.cpu}, {self.cores} cores, {self.memory_gigabytes:.0f} GB, {self.system}, "
            f"Python {self.python}"
        )

    def warning(self) -> str:
        """What is wrong about the load; empty when it is low."""
        if self.load <= QUIET_LOAD_PER_CORE * self.cores:
            return ""
        return (
            f"the machine is busy (load {self.load:.2f} on {self.cores} cores before the run): "
            "rates and waiting times say little, processor time a core's worth"
        )


def described() -> Machine:
    """This machine as it is now."""
    return Machine(
        cpu=_cpu(),
        cores=os.cpu_count() or 1,
        memory_gigabytes=round(_memory_kilobytes() / 1024 / 1024, 1),
        system=f"{platform.system()} {platform.release()} {platform.machine()}",
        python=platform.python_version(),
        load=round(os.getloadavg()[0], 2),
    )


def _cpu() -> str:
    return _field("/proc/cpuinfo", "model name") or platform.processor() or platform.machine()


def _memory_kilobytes() -> int:
    return int(_field("/proc/meminfo", "MemTotal").removesuffix(" kB") or 0)


def _field(file: str, name: str) -> str:
    """Value of the first line `name: value`; empty where the system has no such file."""
    path = Path(file)
    if not path.exists():
        return ""
    for line in path.read_text().splitlines():
        key, _, value = line.partition(":")
        if key.strip() == name:
            return value.strip()
    return ""

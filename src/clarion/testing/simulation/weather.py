"""What goes wrong in a world, and how often: drawn once from its seed, so that some worlds are calm
and some know one kind of fault only."""

from __future__ import annotations

import random

import msgspec


class Weather(msgspec.Struct, frozen=True, kw_only=True):
    """Probabilities are per occasion; seconds are virtual. All faults end with the storm."""

    storm_seconds: float
    cluster: bool
    """Several servers on one store; else one that holds it for itself."""
    in_order: bool
    """Whether a process runs what is ready in the order in which it became ready."""

    crash_gap_seconds: float | None
    """Mean time between two kills at any point (None: none)."""
    crash_at_store: float
    """Killed right before a transaction, or right after its commit."""
    crash_at_vendor: float
    """Killed while a request is under way."""
    freeze_gap_seconds: float | None
    freeze_seconds: float
    freeze_with_a_claim: float
    """Standing still right after something was handed out, before the answer."""
    stop_gap_seconds: float | None
    """Mean time between two orderly stops."""

    store_fails: float
    """UnavailableError, nothing written."""
    store_forgets: float
    """UnavailableError, although it was committed."""
    store_slow: float

    ring_lost: float
    ring_doubled: float
    ring_late: float

    vendor_trouble: float
    """A request gets another answer than `accepted`."""
    vendor_silent: float
    """No answer to a request that left; half of them were taken."""
    vendor_down_gap_seconds: float | None
    vendor_slow: float

    skew_seconds: float
    jump_gap_seconds: float | None
    answers_lost: float
    """A client does not hear of what was accepted, and sends it again."""

    @property
    def freezes_long(self) -> bool:
        """Some process often stands still for longer than its lease."""
        return self.freeze_with_a_claim > 0.05 and self.freeze_seconds > 40.0


def weather_of(chance: random.Random) -> Weather:
    """The weather of a seed. Each kind of fault is there in about half of the worlds."""

    def maybe(low: float, high: float, share: float = 0.5) -> float:
        return chance.uniform(low, high) if chance.random() < share else 0.0

    return Weather(
        storm_seconds=chance.uniform(15.0, 60.0),
        cluster=chance.random() < 0.65,
        in_order=chance.random() < 0.5,
        crash_gap_seconds=maybe(5.0, 40.0) or None,
        crash_at_store=maybe(0.0005, 0.01),
        crash_at_vendor=maybe(0.005, 0.08),
        freeze_gap_seconds=maybe(8.0, 40.0) or None,
        freeze_with_a_claim=maybe(0.005, 0.1, 0.4),
        freeze_seconds=chance.choice((2.0, 12.0, 60.0)),
        stop_gap_seconds=maybe(10.0, 40.0, 0.3) or None,
        store_fails=maybe(0.001, 0.05),
        store_forgets=maybe(0.001, 0.03),
        store_slow=maybe(0.01, 0.1),
        ring_lost=maybe(0.05, 1.0),
        ring_doubled=maybe(0.05, 0.5),
        ring_late=maybe(0.1, 0.8),
        vendor_trouble=maybe(0.05, 0.5, 0.7),
        vendor_silent=maybe(0.02, 0.25),
        vendor_down_gap_seconds=maybe(10.0, 60.0, 0.3) or None,
        vendor_slow=maybe(0.02, 0.3),
        skew_seconds=maybe(0.01, 2.0),
        jump_gap_seconds=maybe(8.0, 40.0, 0.3) or None,
        answers_lost=maybe(0.02, 0.3),
    )


def calm(weather: Weather) -> Weather:
    """After the storm: everything works, and nothing is late for long."""
    nothing = dict.fromkeys(
        (
            "crash_at_store", "crash_at_vendor", "freeze_with_a_claim", "store_fails",
            "store_forgets", "store_slow", "ring_lost", "ring_doubled", "ring_late", "vendor_trouble", "vendor_silent",
            "vendor_slow", "answers_lost",
        ),
        0.0,
    )  # fmt: skip
    gaps = dict.fromkeys(
        (
            "crash_gap_seconds", "freeze_gap_seconds", "stop_gap_seconds",
            "vendor_down_gap_seconds", "jump_gap_seconds",
        )
    )  # fmt: skip
    return msgspec.structs.replace(weather, **nothing, **gaps)

"""Counters and histograms for what happens at every message: a few additions each, no locks, no
library on the way. They are read by the library's registry when somebody asks for the metrics.

Only the thread of the event loop counts, as it alone tells the metrics too.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from typing import Generic, TypeVar

from prometheus_client.core import CounterMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.registry import Collector, CollectorRegistry
from prometheus_client.samples import Exemplar

Child = TypeVar("Child")


class Count:
    """One sample of a counter."""

    __slots__ = ("value",)

    def __init__(self) -> None:
        self.value = 0.0

    def inc(self, amount: float = 1) -> None:
        """Count `amount` more."""
        self.value += amount


class Durations:
    """One histogram: how many seconds things took. Each bucket remembers the last trace that fell
    into it, where there was one."""

    __slots__ = ("_bounds", "counts", "exemplars", "sum")

    def __init__(self, bounds: Sequence[float]) -> None:
        self._bounds = bounds
        self.counts = [0] * (len(bounds) + 1)
        self.exemplars: dict[int, tuple[str, float]] = {}
        self.sum = 0.0

    def observe(self, seconds: float, trace_id: str = "") -> None:
        """One more; `trace_id` where it can be looked at."""
        place = bisect_left(self._bounds, seconds)
        self.counts[place] += 1
        self.sum += seconds
        if trace_id:
            self.exemplars[place] = (trace_id, seconds)

    def buckets(self) -> list[tuple[str, float, Exemplar | None]]:
        """Cumulative counts by upper bound, as Prometheus has them."""
        total = 0.0
        found: list[tuple[str, float, Exemplar | None]] = []
        for place, bound in enumerate((*map(float, self._bounds), float("inf"))):
            total += self.counts[place]
            told = self.exemplars.get(place)
            exemplar = Exemplar({"trace_id": told[0]}, told[1]) if told else None
            found.append(("+Inf" if bound == float("inf") else str(bound), total, exemplar))
        return found


class Family(Collector, Generic[Child]):
    """A metric of one name; a child for each set of labels, made when it is first asked for."""

    def __init__(
        self, name: str, meaning: str, labels: Sequence[str], make: Callable[[], Child]
    ) -> None:
        self._name = name
        self._meaning = meaning
        self._labels = tuple(labels)
        self._make = make
        self._children: dict[tuple[str, ...], Child] = {}
        if not self._labels:
            self.labels()

    def labels(self, *values: str) -> Child:
        """The child of these values, in the order of the labels; ValueError when they are more or
        fewer."""
        child = self._children.get(values)
        if child is None:
            if len(values) != len(self._labels):
                raise ValueError(f"{self._name} has the labels {', '.join(self._labels)}")
            child = self._children[values] = self._make()
        return child

    def describe(self) -> Iterator[Metric]:
        """The family without samples."""
        yield self._empty()

    def _empty(self) -> Metric:
        raise NotImplementedError


class CountFamily(Family[Count]):
    """A counter; its name ends with `_total`."""

    def inc(self, amount: float = 1) -> None:
        """Count, where there are no labels."""
        self.labels().inc(amount)

    def collect(self) -> Iterator[Metric]:
        """All samples."""
        family = self._empty()
        for values, child in self._children.items():
            family.add_metric(list(values), child.value)
        yield family

    def _empty(self) -> CounterMetricFamily:
        return CounterMetricFamily(self._name, self._meaning, labels=self._labels)


class DurationFamily(Family[Durations]):
    """A histogram of seconds."""

    def observe(self, seconds: float, trace_id: str = "") -> None:
        """One more, where there are no labels."""
        self.labels().observe(seconds, trace_id)

    def collect(self) -> Iterator[Metric]:
        """All samples."""
        family = self._empty()
        for values, child in self._children.items():
            # The stubs know pairs only; the library takes exemplars as a third.
            family.add_metric(list(values), child.buckets(), child.sum)  # type: ignore[arg-type]
        yield family

    def _empty(self) -> HistogramMetricFamily:
        return HistogramMetricFamily(self._name, self._meaning, labels=self._labels)


def counts(
    registry: CollectorRegistry, name: str, meaning: str, labels: Sequence[str]
) -> CountFamily:
    """A counter in the registry."""
    family = CountFamily(name, meaning, labels, Count)
    registry.register(family)
    return family


def durations(
    registry: CollectorRegistry,
    name: str,
    meaning: str,
    labels: Sequence[str],
    bounds: Sequence[float],
) -> DurationFamily:
    """A histogram in the registry; `bounds` are the upper bounds of its buckets, in seconds."""
    family = DurationFamily(name, meaning, labels, lambda: Durations(bounds))
    registry.register(family)
    return family

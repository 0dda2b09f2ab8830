"""What every provider must do, whatever its vendor: subclass `ProviderConformance` in a test and
name a harness there.

A harness stands between the suite and a fake of the vendor: it provokes one behaviour at a time.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Mapping, Sequence
from enum import StrEnum
from typing import ClassVar

import pytest

from clarion.channels.conduct import Conducted, Conductor
from clarion.channels.contract import Provider
from clarion.channels.guard import Guard, GuardPolicy
from clarion.channels.http_pool import MAX_ANSWER_BYTES, Timeouts
from clarion.clock import SystemClock
from clarion.core.delivery import Message, Outcome, OutcomeClass
from clarion.core.workflow import Lane

HINT_SECONDS = 17
"""The Retry-After that `THROTTLE` has to send."""

IMPATIENT = Timeouts(connect_seconds=2.0, total_seconds=0.4)
"""Time-outs of the suite's conductor: a hanging vendor costs a test 0.4 s."""

ON_LOOPBACK = GuardPolicy(allow=("127.0.0.0/8",))


class Behavior(StrEnum):
    """What a vendor may do to one send."""

    ACCEPT = "accept"
    HANG = "hang"
    CUT = "cut"
    REFUSE_CONNECTION = "refuse_connection"
    THROTTLE = "throttle"
    UNKNOWN_REFUSAL = "unknown_refusal"
    UNKNOWN_FAILURE = "unknown_failure"
    GARBAGE_SUCCESS = "garbage_success"
    ENDLESS_ANSWER = "endless_answer"
    ECHO_SECRETS = "echo_secrets"


class ProviderHarness(ABC):
    """A provider under test with the fake of its vendor.

    `kind` is its kind in the registry. `carries_id` is False for a vendor whose messages have no
    place for our id; such a provider can promise nothing about repeats. `lacks` names what this
    vendor cannot do at all; `expected` overrides the class of an outcome where the vendor's family
    differs from the rule. `faults` are further conditions by a name of the harness's own and the
    class they must give. `secrets` must never show in an outcome.
    """

    kind: ClassVar[str]
    carries_id: ClassVar[bool] = True
    lacks: ClassVar[frozenset[Behavior]] = frozenset()
    expected: ClassVar[Mapping[Behavior, OutcomeClass]] = {}
    faults: ClassVar[Mapping[str, OutcomeClass]] = {}

    @property
    @abstractmethod
    def provider(self) -> Provider:
        """The provider, its settings pointing at the fake."""

    @property
    @abstractmethod
    def secrets(self) -> Sequence[str]:
        """Every secret of the account and every address used."""

    @abstractmethod
    async def start(self) -> None:
        """Start the fake."""

    @abstractmethod
    async def stop(self) -> None:
        """Stop the fake."""

    @abstractmethod
    async def arrange(self, behavior: Behavior) -> Message:
        """A message that will meet this behaviour."""

    async def arrange_fault(self, name: str) -> Message:
        """A message that will meet one of `faults`."""
        raise LookupError(f"`faults` names {name!r}; say in `arrange_fault` how to bring it about")

    @abstractmethod
    def received_ids(self) -> Sequence[str]:
        """For every send that the vendor took: what it would recognise a repeat by."""


class ProviderConformance:
    """Subclass it as `Test...`, name the harness in `harness_class`, and pytest runs the suite."""

    harness_class: ClassVar[type[ProviderHarness]]

    @pytest.fixture
    async def harness(self) -> AsyncIterator[ProviderHarness]:
        """The provider under test; its fake runs."""
        harness = self.harness_class()
        await harness.start()
        try:
            yield harness
        finally:
            await harness.stop()

    @pytest.fixture
    def attempts(self) -> list[Conducted]:
        """What the observer was told."""
        return []

    @pytest.fixture
    async def conductor(
        self, harness: ProviderHarness, attempts: list[Conducted]
    ) -> AsyncIterator[Conductor]:
        """The provider under test, conducted, with short time-outs."""
        conductor = Conductor(
            harness.provider,
            account="under-test",
            lane=Lane.CRITICAL,
            clock=SystemClock(),
            guard=Guard(ON_LOOPBACK),
            timeouts=IMPATIENT,
            observe=attempts.append,
        )
        await conductor.start()
        yield conductor
        await conductor.close()

    async def test_a_message_is_accepted(
        self, harness: ProviderHarness, conductor: Conductor, attempts: list[Conducted]
    ) -> None:
        outcome = await _meet(harness, conductor, Behavior.ACCEPT)
        assert outcome.kind is OutcomeClass.ACCEPTED
        assert [attempt.outcome for attempt in attempts] == [OutcomeClass.ACCEPTED]

    async def test_a_repeat_is_recognisable(
        self, harness: ProviderHarness, conductor: Conductor
    ) -> None:
        message = await harness.arrange(Behavior.ACCEPT)
        await conductor.conduct(message)
        await conductor.conduct(message)
        received = list(harness.received_ids())
        assert len(received) == 2
        can = harness.provider.capabilities
        if harness.carries_id:
            assert message.delivery_id in received[0]
            assert received[0] == received[1]
        else:
            assert not can.idempotent
            assert not can.replaces

    async def test_a_vendor_that_never_answers_leaves_it_open_whether_it_was_sent(
        self, harness: ProviderHarness, conductor: Conductor
    ) -> None:
        await _check(harness, conductor, Behavior.HANG, OutcomeClass.AMBIGUOUS)

    async def test_a_connection_cut_in_the_answer_leaves_it_open_whether_it_was_sent(
        self, harness: ProviderHarness, conductor: Conductor
    ) -> None:
        await _check(harness, conductor, Behavior.CUT, OutcomeClass.AMBIGUOUS)

    async def test_a_refused_connection_may_be_retried(
        self, harness: ProviderHarness, conductor: Conductor
    ) -> None:
        await _check(harness, conductor, Behavior.REFUSE_CONNECTION, OutcomeClass.RETRY)

    async def test_a_hint_when_to_come_back_is_passed_on(
        self, harness: ProviderHarness, conductor: Conductor
    ) -> None:
        outcome = await _check(harness, conductor, Behavior.THROTTLE, OutcomeClass.RETRY_AFTER)
        assert outcome.retry_after_seconds == HINT_SECONDS

    async def test_an_unknown_refusal_ends_the_delivery(
        self, harness: ProviderHarness, conductor: Conductor
    ) -> None:
        await _check(harness, conductor, Behavior.UNKNOWN_REFUSAL, OutcomeClass.PERMANENT)

    async def test_an_unknown_failure_may_be_retried(
        self, harness: ProviderHarness, conductor: Conductor
    ) -> None:
        await _check(harness, conductor, Behavior.UNKNOWN_FAILURE, OutcomeClass.RETRY)

    async def test_a_success_with_garbage_in_it_is_a_success(
        self, harness: ProviderHarness, conductor: Conductor
    ) -> None:
        await _check(harness, conductor, Behavior.GARBAGE_SUCCESS, OutcomeClass.ACCEPTED)

    async def test_an_endless_answer_is_read_to_its_bound_and_no_further(
        self, harness: ProviderHarness, conductor: Conductor
    ) -> None:
        outcome = await _check(harness, conductor, Behavior.ENDLESS_ANSWER, OutcomeClass.ACCEPTED)
        assert len(outcome.detail) < MAX_ANSWER_BYTES

    async def test_no_secret_shows_in_an_outcome(
        self, harness: ProviderHarness, conductor: Conductor
    ) -> None:
        outcome = await _meet(harness, conductor, Behavior.ECHO_SECRETS)
        assert outcome.kind is not OutcomeClass.ACCEPTED
        said = f"{outcome.code} {outcome.detail} {outcome.provider_id}"
        assert [secret for secret in harness.secrets if secret in said] == []

    async def test_every_fault_of_the_vendor_has_its_class(
        self, harness: ProviderHarness, conductor: Conductor
    ) -> None:
        found = {
            name: (await conductor.conduct(await harness.arrange_fault(name))).kind
            for name in harness.faults
        }
        assert found == harness.faults

    def test_it_is_of_the_kind_that_its_harness_says(self, harness: ProviderHarness) -> None:
        assert harness.provider.capabilities.kind == harness.kind

    def test_its_settings_are_described(self, harness: ProviderHarness) -> None:
        described = harness.provider.capabilities.settings
        assert all(field.name and field.meaning for field in described)


async def _meet(harness: ProviderHarness, conductor: Conductor, behavior: Behavior) -> Outcome:
    if behavior in harness.lacks:
        pytest.skip(f"this vendor cannot {behavior.value}")
    return await conductor.conduct(await harness.arrange(behavior))


async def _check(
    harness: ProviderHarness, conductor: Conductor, behavior: Behavior, usual: OutcomeClass
) -> Outcome:
    outcome = await _meet(harness, conductor, behavior)
    assert outcome.kind is harness.expected.get(behavior, usual)
    return outcome

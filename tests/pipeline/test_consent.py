"""What the law forbids, from the request to the explanation."""

from __future__ import annotations

from clarion.core.workflow import Channel
from clarion.store.contract.law import ConsentWrite, SuppressionWrite
from clarion.store.contract.names import NameKind
from clarion.testing.embedded import Embedded
from tests.pipeline.builders import MAIL

ADDRESS = "ada@example.org"


async def offers(server: Embedded, category: str = "marketing") -> int:
    """A workflow `offers` that mails, and Ada with a mailbox; her number."""
    await server.workflow("offers", MAIL, category=category)
    return await server.user("ada", email=ADDRESS)


async def says(server: Embedded, user: int, granted: bool, channel: Channel | None = None) -> None:
    """Ada grants or withdraws consent to marketing."""
    purpose = await server.number(NameKind.CATEGORY, "marketing")
    write = ConsentWrite(purpose=purpose, channel=channel, granted=granted)
    law = server.server.store.law
    await law.append_consents(server.env, user, [write], server.clock.now())


async def why(server: Embedded, event: bytes) -> tuple[str, str, bool]:
    """The reason of the mail, the sentence, and whether it would be decided so again."""
    told = await server.why(event, "ada")
    same: bool = told["versions"]["same_answer_today"]
    return told["channels"][0]["reason"], told["because"], same


async def test_marketing_needs_consent_and_heeds_a_withdrawal(embedded: Embedded) -> None:
    ada = await offers(embedded)
    silent = await embedded.told("offers", "ada")
    await says(embedded, ada, granted=True)
    agreed = await embedded.told("offers", "ada")
    await says(embedded, ada, granted=False, channel=Channel.EMAIL)
    taken_back = await embedded.told("offers", "ada")
    reason, because, same = await why(embedded, silent)
    assert (reason, same) == ("no_consent", True)
    assert because == "ada had not agreed to the category marketing, so the e-mail was not sent."
    reason, _, same = await why(embedded, agreed)
    assert (reason, same) == ("level_all", True)
    reason, because, same = await why(embedded, taken_back)
    assert (reason, same) == ("opted_out", True)
    assert because == "ada opted out of the category marketing, so the e-mail was not sent."


async def test_a_suppressed_address_gets_not_even_what_is_mandatory(embedded: Embedded) -> None:
    await offers(embedded, "security")
    before = await embedded.told("offers", "ada")
    write = SuppressionWrite(channel=Channel.EMAIL, address=ADDRESS, reason="legal")
    law, now = embedded.server.store.law, embedded.clock.now()
    await law.suppress(embedded.env, [write], now, b"f" * 32)
    after = await embedded.told("offers", "ada")
    await law.lift(embedded.env, Channel.EMAIL, ADDRESS)
    assert (await why(embedded, before))[0] == "mandatory"
    reason, because, same = await why(embedded, after)
    assert (reason, same) == ("suppressed", True)
    assert because == (
        "The address of ada for e-mail is on the suppression list, so the e-mail was not sent."
    )

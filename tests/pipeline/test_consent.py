"""What the law forbids, from the request to the explanation."""

from __future__ import annotations

from clarion.core.workflow import Channel
from clarion.store.contract.law import ConsentWrite, SuppressionWrite
from clarion.store.contract.names import NameKind
from clarion.testing.embedded import Embedded
from tests.pipeline.builders import INBOX, MAIL, PUSH

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
    assert because == (
        "The category marketing may only reach people who agreed to it, and ada had not agreed to"
        " get it by e-mail, so the e-mail was not sent."
    )
    reason, _, same = await why(embedded, agreed)
    assert (reason, same) == ("level_all", True)
    reason, because, same = await why(embedded, taken_back)
    assert (reason, same) == ("opted_out", True)
    assert because == (
        "ada opted out of e-mail for the category marketing, so the e-mail was not sent."
    )


async def test_whoever_opted_out_of_one_channel_is_told_of_that_alone(embedded: Embedded) -> None:
    await embedded.workflow("offers", INBOX, MAIL, PUSH, category="social")
    ada = await embedded.user("ada", email=ADDRESS)
    await embedded.device("ada", "phone")
    law = embedded.server.store.law
    write = ConsentWrite(purpose=0, channel=Channel.EMAIL, granted=False)
    await law.append_consents(embedded.env, ada, [write], embedded.clock.now())
    told = await embedded.why(await embedded.told("offers", "ada"), "ada")
    out = "ada opted out of {}everything that is not mandatory, so {} not sent."
    assert out.format("e-mail for ", "the e-mail was") in told["because"]
    write = ConsentWrite(purpose=0, channel=None, granted=False)
    await law.append_consents(embedded.env, ada, [write], embedded.clock.now())
    told = await embedded.why(await embedded.told("offers", "ada"), "ada")
    assert out.format("", "the inbox item and the push were") in told["because"]


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
        "No address of ada for e-mail may be used any more, as each is on the suppression list"
        " (after a bounce, a complaint or an opt-out), so the e-mail was not sent."
    )

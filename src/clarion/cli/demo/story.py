"""The story as data: who is in it, what happens, and what has to come of it."""

from __future__ import annotations

from typing import Any

import msgspec

FOLLOWERS = 2000
OPTED_OUT_EVERY = 16
"""Of the followers, every so-many-th wants no offers."""


class Person(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody with a name. `device` is a push token; one that starts with `dead-` is dead."""

    id: str
    name: str
    device: str | None = None
    locale: str | None = None
    preferences: dict[str, Any] | None = None


class Send(msgspec.Struct, frozen=True, kw_only=True):
    """An event, sent so long after the one before it. `label` says in a word what it is."""

    label: str
    event: dict[str, Any]
    after_seconds: float = 0.0


class Expected(msgspec.Struct, frozen=True, kw_only=True):
    """What has to come of an act for one user.

    The verdict, and a reason that has to be among the channels' ("": any).
    """

    label: str
    user: str
    verdict: str
    reason: str


class Tally(msgspec.Struct, frozen=True, kw_only=True):
    """How many recipients of an event have to be sent to and skipped."""

    label: str
    sent: int
    skipped: int


class Act(msgspec.Struct, frozen=True, kw_only=True):
    """A scene in words, what is sent, and what has to come of it.

    `timed` names events whose latency is told beside that of the first.
    """

    title: str
    scene: str
    sends: tuple[Send, ...]
    expected: tuple[Expected, ...]
    tallies: tuple[Tally, ...] = ()
    timed: tuple[str, ...] = ()


PEOPLE: tuple[Person, ...] = (
    Person(id="ana", name="Ana", device="phone-ana"),
    Person(id="ben", name="Ben", device="phone-ben"),
    Person(id="chloe", name="Chloé", device="phone-chloe"),
    Person(id="deniz", name="Deniz", device="phone-deniz"),
    Person(id="emil", name="Emil", device="dead-phone-emil"),
    Person(id="fatma", name="Fatma", device="phone-fatma"),
    Person(id="lena", name="Lena"),
    Person(id="marco", name="Marco", locale="de"),
    Person(id="priya", name="Priya", preferences={"topics": {"ticket:881": {"level": "mentions"}}}),
    Person(
        id="tomas",
        name="Tomás",
        preferences={"topics": {"ticket:881": {"mute_until": "forever"}}},
    ),
    Person(id="mia", name="Mia", device="phone-mia", preferences={"channels": {"email": "off"}}),
    Person(id="noor", name="Noor", device="phone-noor"),
    Person(id="pavel", name="Pavel", device="phone-pavel"),
    Person(id="omar", name="Omar", preferences={"categories": {"marketing": {"level": "none"}}}),
)

TOPICS: dict[str, tuple[str, ...]] = {
    "store:42": ("ana", "ben", "chloe", "deniz", "emil", "fatma"),
    "ticket:881": ("lena", "marco", "priya", "tomas"),
}

STREAMER_TOPIC = "streamer:nova"


def follower(number: int) -> str:
    """Id of a follower, counted from 1."""
    return f"fan-{number:04}"


def follower_ids() -> list[str]:
    """Everybody who follows the streamer."""
    return [follower(number) for number in range(1, FOLLOWERS + 1)]


def opted_out_ids() -> list[str]:
    """The followers who want no offers."""
    return [follower(n) for n in range(OPTED_OUT_EVERY, FOLLOWERS + 1, OPTED_OUT_EVERY)]


EVERYBODY = len(PEOPLE) + FOLLOWERS
NO_OFFERS = 1 + FOLLOWERS // OPTED_OUT_EVERY

_SHOP = Act(
    title="A shop that delivers in minutes",
    scene=(
        "An order comes in at store 42; its six pickers hear of it at once. Emil's phone is gone "
        "for good. Another order was stuck in a broken network and comes after its five minutes: "
        "nobody runs for that one."
    ),
    sends=(
        Send(
            label="order",
            event={
                "type": "order.created",
                "id": "order-1000000123-created",
                "data": {
                    "order_number": "1000000123",
                    "store_id": "42",
                    "items": 7,
                    "deliver_by": "14:25",
                },
                "correlation_id": "8cef46a1",
                "tags": {"order": "1000000123"},
            },
        ),
        Send(
            label="late order",
            event={
                "type": "order.created",
                "id": "order-1000000117-created",
                "data": {
                    "order_number": "1000000117",
                    "store_id": "42",
                    "items": 2,
                    "deliver_by": "14:05",
                },
                "expires_at": "2026-01-01T14:05:00Z",
            },
        ),
    ),
    expected=(
        Expected(label="order", user="ana", verdict="told", reason="level_all"),
        Expected(label="order", user="emil", verdict="partly_told", reason="level_all"),
        Expected(label="late order", user="ana", verdict="not_told", reason="expired"),
    ),
    tallies=(
        Tally(label="order", sent=6, skipped=0),
        Tally(label="late order", sent=0, skipped=6),
    ),
)  # fmt: skip

_TEAM = Act(
    title="A team that looks after machines",
    scene=(
        "Lena comments on a ticket and mentions Priya, who only wants to hear of mentions. Marco "
        "reads German. Tomás has muted the ticket. Lena herself knows what she wrote."
    ),
    sends=(
        Send(
            label="comment",
            event={
                "type": "comment.added",
                "data": {
                    "comment_id": "c-17",
                    "ticket_id": "881",
                    "ticket_title": "Pump 3 loses pressure",
                    "text": "@Priya the valve is worn out, can you order one?",
                },
                "actor": "lena",
                "mentions": ["priya"],
                "about": "ticket:881",
            },
        ),
    ),
    expected=(
        Expected(label="comment", user="priya", verdict="told", reason="mention"),
        Expected(label="comment", user="marco", verdict="told", reason="level_all"),
        Expected(label="comment", user="tomas", verdict="not_told", reason="muted"),
        Expected(label="comment", user="lena", verdict="not_told", reason="own_event"),
    ),
    tallies=(Tally(label="comment", sent=2, skipped=2),),
)

_STREAM = Act(
    title="A star goes live",
    scene=(
        f"Nova goes live before {FOLLOWERS:,} followers. While their messages are on the way, "
        "three people ask for a one-time password. Urgent has a lane of its own: nobody waits "
        "behind the crowd."
    ),
    sends=(
        Send(
            label="live",
            event={
                "type": "stream.live",
                "data": {
                    "streamer_id": "nova",
                    "streamer_name": "Nova",
                    "stream_title": "Speedrun Friday",
                    "stream_id": "s-9001",
                },
            },
        ),
        *(
            Send(
                label=f"code for {name}",
                event={"type": "otp.requested", "recipients": [user], "data": {"code": code}},
                after_seconds=0.15,
            )
            for user, name, code in (
                ("mia", "Mia", "428113"), ("noor", "Noor", "907264"), ("pavel", "Pavel", "155930"),
            )
        ),
    ),
    expected=(
        Expected(label="live", user=follower(1), verdict="told", reason="level_all"),
        Expected(label="code for Mia", user="mia", verdict="told", reason="mandatory"),
        Expected(label="live", user="ana", verdict="not_in_audience", reason=""),
    ),
    tallies=(Tally(label="live", sent=FOLLOWERS, skipped=0),),
    timed=("code for Mia", "code for Noor", "code for Pavel"),
)  # fmt: skip

_ACCOUNT = Act(
    title="A new sign-in",
    scene=(
        "Somebody signs in to Mia's account from a new laptop. Mia has switched e-mail off, but "
        "messages about the safety of an account are mandatory: she is told on every channel."
    ),
    sends=(
        Send(
            label="sign-in",
            event={
                "type": "login.new",
                "recipients": ["mia"],
                "data": {
                    "device": "Firefox on Linux",
                    "place": "Lisbon",
                    "at": "today, 14:02",
                    "session_id": "s-77",
                },
            },
        ),
    ),
    expected=(Expected(label="sign-in", user="mia", verdict="told", reason="mandatory"),),
    tallies=(Tally(label="sign-in", sent=1, skipped=0),),
)

_OFFER = Act(
    title="An offer for everybody",
    scene=(
        f"A discount goes to all {EVERYBODY:,} people. {NO_OFFERS} of them, Omar among them, want "
        "no offers and get none. Mia gets it in her inbox, not by e-mail."
    ),
    sends=(
        Send(
            label="offer",
            event={
                "type": "discount.published",
                "data": {
                    "offer_id": "spring", "percent": 20, "product": "oranges",
                    "until": "Sunday", "code": "ORANGE20",
                },
            },
        ),
    ),
    expected=(
        Expected(label="offer", user="noor", verdict="told", reason="level_all"),
        Expected(label="offer", user="mia", verdict="partly_told", reason="channel_off"),
        Expected(label="offer", user="omar", verdict="not_told", reason="level_none"),
    ),
    tallies=(Tally(label="offer", sent=EVERYBODY - NO_OFFERS, skipped=NO_OFFERS),),
)  # fmt: skip

ACTS: tuple[Act, ...] = (_SHOP, _TEAM, _STREAM, _ACCOUNT, _OFFER)

CROWD = 2000
"""Who is told in the act in which things break."""
REFUSED = 40
"""Messages that a provider refuses there: no more than the retry budget lets go again at once."""

BREAKING = Act(
    title="Things break",
    scene=(
        f"Another server, in a process of its own, warns {CROWD:,} people of a storm. In the "
        f"middle of it the provider answers {REFUSED} messages with 503, and then the server is "
        "killed like a machine that loses power. It is started again and goes on where it stood."
    ),
    sends=(),
    expected=(),
)

SCENES = len(ACTS) + 1

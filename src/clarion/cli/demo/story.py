"""The story as data: who is in it, what happens, and what has to come of it."""

from __future__ import annotations

import msgspec

from clarion.cli.demo.act import Act, Expected, Person, Send, Tally
from clarion.cli.demo.restraint import Night, badge_act, likes_act, night_act

FOLLOWERS = 2000
OPTED_OUT_EVERY = 16
"""Of the followers, every so-many-th wants no offers."""
AGREED_EVERY = 16
"""From the first follower on, every so-many-th agreed to offers by e-mail."""


PEOPLE: tuple[Person, ...] = (
    Person(id="ana", name="Ana", device="phone-ana", agreed=True),
    Person(id="ben", name="Ben", device="phone-ben", agreed=True),
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
    Person(
        id="mia",
        name="Mia",
        device="phone-mia",
        preferences={"channels": {"email": "off"}},
        agreed=True,
    ),
    Person(
        id="noor",
        name="Noor",
        device="phone-noor",
        preferences={"topics": {"chat:trip": {"mute_until": "forever"}}},
        agreed=True,
    ),
    Person(id="pavel", name="Pavel", device="phone-pavel", agreed=True),
    Person(id="omar", name="Omar", preferences={"categories": {"marketing": {"level": "none"}}}),
    Person(id="alex", name="Alex"),
    Person(id="sydney", name="Sydney"),
    Person(
        id="alma",
        name="Alma",
        device="phone-alma",
        preferences={"quiet_hours": {"windows": [{"from": "22:00", "until": "07:00"}]}},
    ),
)

TOPICS: dict[str, tuple[str, ...]] = {
    "store:42": ("ana", "ben", "chloe", "deniz", "emil", "fatma"),
    "ticket:881": ("lena", "marco", "priya", "tomas"),
    "chat:trip": ("ben", "noor", "pavel"),
}
THREADS = ("chat:trip",)

STREAMER_TOPIC = "streamer:nova"

TITLES = {
    "store:42": "Orders of store 42",
    "ticket:881": "Ticket 881: Pump 3 loses pressure",
    "chat:trip": "The trip to Lisbon",
    STREAMER_TOPIC: "Streams of Nova",
}
"""What people read who look at what they follow."""


def follower(number: int) -> str:
    """Id of a follower, counted from 1."""
    return f"fan-{number:04}"


def follower_ids() -> list[str]:
    """Everybody who follows the streamer."""
    return [follower(number) for number in range(1, FOLLOWERS + 1)]


def opted_out_ids() -> list[str]:
    """The followers who want no offers."""
    return [follower(n) for n in range(OPTED_OUT_EVERY, FOLLOWERS + 1, OPTED_OUT_EVERY)]


def agreed_ids() -> list[str]:
    """Who agreed to offers by e-mail."""
    people = [person.id for person in PEOPLE if person.agreed]
    return people + [follower(n) for n in range(1, FOLLOWERS + 1, AGREED_EVERY)]


def people(night: Night) -> list[Person]:
    """Everybody with a name. Alma lives where it is night now."""
    return [
        msgspec.structs.replace(one, timezone=night.zone) if one.id == "alma" else one
        for one in PEOPLE
    ]


EVERYBODY = len(PEOPLE) + FOLLOWERS
NO_OFFERS = 1 + FOLLOWERS // OPTED_OUT_EVERY
OFFER_MAILS = len(agreed_ids()) - 1
"""All who agreed but Mia, who switched e-mail off."""

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
        f"no offers and get none. {OFFER_MAILS} get it by e-mail, too: they agreed to that. Mia "
        "agreed as well, but has switched e-mail off."
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
        Expected(label="offer", user=follower(2), verdict="partly_told", reason="no_consent"),
        Expected(label="offer", user="omar", verdict="not_told", reason="level_none"),
    ),
    tallies=(
        Tally(
            label="offer", sent=EVERYBODY - NO_OFFERS, skipped=NO_OFFERS,
            messages={"email": OFFER_MAILS},
        ),
    ),
)  # fmt: skip


def acts(night: Night) -> tuple[Act, ...]:
    """The story without its last act."""
    return (
        _SHOP, _TEAM, badge_act(), likes_act(), night_act(night), _STREAM, _ACCOUNT, _OFFER,
    )  # fmt: skip


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

SCENES = 9

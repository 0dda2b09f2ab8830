"""The acts in which somebody is told less, later, or without a sound."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import msgspec

from clarion.cli.demo.act import Act, Expected, Look, Send, Sight, Tally

SECOND = 1_000_000

ZONES = (
    *("Pacific/Pago_Pago", "Pacific/Honolulu", "Pacific/Gambier", "Pacific/Pitcairn"),
    *("America/Phoenix", "America/Costa_Rica", "America/Bogota", "America/La_Paz"),
    *("America/Sao_Paulo", "America/Noronha", "Atlantic/Cape_Verde", "Africa/Accra"),
    *("Africa/Lagos", "Africa/Johannesburg", "Africa/Nairobi", "Asia/Dubai", "Asia/Karachi"),
    *("Asia/Dhaka", "Asia/Bangkok", "Asia/Singapore", "Asia/Tokyo", "Australia/Brisbane"),
    *("Pacific/Noumea", "Pacific/Tarawa"),
)
"""One for each hour of the day, none of which changes its clock."""


class Night(msgspec.Struct, frozen=True, kw_only=True):
    """A zone where it is late in the evening, and the time on its clocks."""

    zone: str
    wall: str


def night_at(now: int) -> Night:
    """Where it is between 23:00 and midnight at an instant."""
    walls = {zone: datetime.fromtimestamp(now // SECOND, ZoneInfo(zone)) for zone in ZONES}
    zone = max(walls, key=lambda zone: walls[zone].hour)
    return Night(zone=zone, wall=f"{walls[zone]:%H:%M}")


def badge_act() -> Act:
    """Muted, and yet the badge counts."""
    return Act(
        title="Muted, and yet counted",
        scene=(
            "Pavel writes to a group chat and mentions Noor, who has muted it. A mute is a mute: "
            "her phone stays silent. But her badge counts that somebody asked for her. Ben has "
            "muted nothing and gets a push."
        ),
        sends=(
            Send(
                label="message",
                event={
                    "type": "message.posted",
                    "data": {"chat_id": "trip", "text": "@Noor shall we take the early train?"},
                    "actor": "pavel",
                    "mentions": ["noor"],
                    "about": "chat:trip",
                },
            ),
        ),
        expected=(
            Expected(label="message", user="noor", verdict="silent", reason="thread_muted"),
            Expected(label="message", user="ben", verdict="told", reason="level_all"),
        ),
        tallies=(Tally(label="message", sent=2, skipped=1, messages={"inbox": 2, "push": 1}),),
        looks=(Look(sight=Sight.BADGE, label="message", user="noor", says="1 unread, 0 pushes"),),
    )


LIKES = 20


def likes_act() -> Act:
    """Many events of a kind are told as one."""
    fans = [f"fan-{number:04}" for number in range(1, LIKES - 1)]
    return Act(
        title="Twenty likes, told once",
        scene=(
            "Twenty people like a post of Mia's within a moment. Her phone does not ring "
            "twenty times: the workflow gathers for two seconds, then tells them as one."
        ),
        sends=tuple(
            Send(
                label=f"like by {name}",
                event={
                    "type": "post.liked",
                    "recipients": ["mia"],
                    "actor": user,
                    "data": {"post_id": "p-5"},
                },
            )
            for user, name in (
                *((fan, fan) for fan in fans),
                ("alex", "Alex"),
                ("sydney", "Sydney"),
            )
        ),
        expected=(Expected(label="like by Alex", user="mia", verdict="told", reason="digested"),),
        tallies=(Tally(label="like by Alex", sent=1, skipped=0),),
        looks=(
            Look(
                sight=Sight.DIGEST,
                label="like by Alex",
                user="mia",
                says=f"Sydney, Alex and {LIKES - 2} others liked your post",
            ),
        ),
        together=LIKES - 2,
        reading=0.3,
    )


def night_act(night: Night) -> Act:
    """What rings waits for the morning."""
    return Act(
        title="Held until the morning",
        scene=(
            f"A parcel for Alma is on its way. In her zone ({night.zone}) it is {night.wall}, and "
            "since 22:00 she has her quiet hours. Her inbox has it at once; what rings waits for "
            "07:00 on her clock, and is decided again then."
        ),
        sends=(
            Send(
                label="parcel",
                event={
                    "type": "parcel.arriving",
                    "recipients": ["alma"],
                    "data": {"parcel_id": "q-31", "sender": "the bookshop"},
                },
            ),
        ),
        expected=(Expected(label="parcel", user="alma", verdict="waiting", reason="quiet_hours"),),
        tallies=(Tally(label="parcel", sent=0, skipped=0, held=1, messages={"inbox": 1}),),
        looks=(Look(sight=Sight.WAIT, label="parcel", user="alma", says="after 07:00"),),
    )

"""Consents: what a user agreed to and took back, as a ledger that only grows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal

import msgspec
from litestar import get, post
from litestar.di import NamedDependency
from litestar.params import Body, FromPath

from clarion.api.answers import After, Limit, PageInfo, page_of, when
from clarion.api.auth import Asker
from clarion.api.cursors import Cursors
from clarion.api.describing import example_of, route
from clarion.api.problems import RefusedError
from clarion.api.reading import check_depth, check_texts
from clarion.api.services import Services
from clarion.api.users import known_user
from clarion.core.preference_words import check_locale
from clarion.core.suggestion import did_you_mean
from clarion.core.workflow import Channel
from clarion.errors import InvalidError, TooLargeError
from clarion.store.contract.law import ConsentRow, ConsentWrite
from clarion.store.contract.names import NameKind

EVERY = "*"
"""All purposes, or all channels."""

AT_ONCE = 100
EVIDENCE_BYTES = 16 * 1024


class ConsentBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Something a user said about a `purpose` (the key of a category, `*` for all) on a `channel`
    (`*` for all). `source` is where; `wording` the version of the words that were shown, in
    `locale`; `by` who said it for the user, or from which IP address; `evidence` what proves it.
    """

    purpose: str
    state: Literal["granted", "withdrawn"]
    source: str
    channel: Literal["*", "inbox", "push", "email", "sms", "chat", "webhook"] = "*"
    wording: str | None = None
    locale: str | None = None
    by: str | None = None
    evidence: dict[str, Any] = {}


class ConsentAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """An entry of the ledger; `version` counts the user's entries from 1 on. `purpose` is null
    when its category has no name any more."""

    version: int
    purpose: str | None
    channel: str
    state: str
    source: str
    wording: str | None
    locale: str | None
    by: str | None
    evidence: dict[str, Any]
    at: str


class CurrentConsents(msgspec.Struct, frozen=True):
    """The last word on each purpose and channel."""

    current: list[ConsentAnswer]


class ConsentPage(msgspec.Struct, frozen=True):
    """The last word on each purpose and channel, and a page of the ledger, newest first."""

    current: list[ConsentAnswer]
    data: list[ConsentAnswer]
    page_info: PageInfo


CONSENT_BODY_EXAMPLE = {
    "purpose": "marketing",
    "channel": "email",
    "state": "granted",
    "source": "signup-form",
    "wording": "newsletter-2026-01",
    "locale": "de-AT",
    "by": "203.0.113.7",
    "evidence": {"form": "/signup", "confirmed": "2026-01-02T03:04:05Z"},
}
CONSENT_EXAMPLE = {"version": 1, **CONSENT_BODY_EXAMPLE, "at": "2026-01-02T03:04:05.678901Z"}


@get(
    "/v1/users/{user:str}/consents",
    **route(
        "Read consents",
        refuses=(404,),
        tag="people",
        example={
            "current": [CONSENT_EXAMPLE],
            "data": [CONSENT_EXAMPLE],
            "page_info": {"has_next": False, "end_cursor": None},
        },
    ),
)
async def get_consents(
    services: NamedDependency[Services],
    asker: NamedDependency[Asker],
    cursors: NamedDependency[Cursors],
    user: FromPath[str],
    after: After = None,
    limit: Limit = 50,
) -> ConsentPage:
    """What holds now, and everything that was ever said."""
    row = await known_user(services, asker.env, user)
    filters = {"list": "consents", "env": asker.env, "user": row.number}
    before = cursors.open(filters, after)[0] if after else None
    law = services.store.law
    rows = await law.consent_history(asker.env, row.number, before=before, limit=limit + 1)
    shown, info = page_of(rows, limit, cursors, filters, lambda entry: [entry.version])
    current = await law.consents(asker.env, row.number)
    told = await consent_answers(services, asker.env, [*current, *shown])
    return ConsentPage(told[: len(current)], told[len(current) :], info)


@post(
    "/v1/users/{user:str}/consents",
    status_code=200,
    **route(
        "Grant or withdraw consent",
        "admin",
        refuses=(404, 413, 415, 422),
        tag="people",
        example={"current": [CONSENT_EXAMPLE]},
    ),
)
async def post_consents(
    services: NamedDependency[Services],
    asker: NamedDependency[Asker],
    user: FromPath[str],
    data: Annotated[
        ConsentBody | list[ConsentBody], Body(examples=example_of(CONSENT_BODY_EXAMPLE))
    ],
) -> CurrentConsents:
    """One entry or up to 100, written together in this order. Withdrawing takes the same call as
    granting. Answers what holds afterwards.
    """
    bodies = data if isinstance(data, list) else [data]
    if len(bodies) > AT_ONCE:
        raise TooLargeError(f"a call writes up to {AT_ONCE} consents, this one {len(bodies)}")
    places = [f"/{index}" for index in range(len(bodies))] if isinstance(data, list) else [""]
    purposes = await purpose_numbers(services, asker.env, bodies)
    for body, at in zip(bodies, places, strict=True):
        check_consent(body, purposes, at)
    row = await known_user(services, asker.env, user)
    law = services.store.law
    if bodies:
        writes = [consent_write(body, purposes) for body in bodies]
        await law.append_consents(asker.env, row.number, writes, services.clock.now())
    current = await law.consents(asker.env, row.number)
    return CurrentConsents(await consent_answers(services, asker.env, current))


ROUTES = (get_consents, post_consents)


async def consent_answers(
    services: Services, env: int, rows: list[ConsentRow]
) -> list[ConsentAnswer]:
    """Entries as the answers show them."""
    numbers = {row.purpose for row in rows} - {0}
    names: dict[int, str] = {0: EVERY}
    names |= await services.store.names.names(env, NameKind.CATEGORY, numbers)
    return [
        ConsentAnswer(
            version=row.version,
            purpose=names.get(row.purpose),
            channel=row.channel.value if row.channel else EVERY,
            state="granted" if row.granted else "withdrawn",
            source=row.source,
            wording=row.wording,
            locale=row.locale,
            by=row.by,
            evidence=row.evidence,
            at=when(row.at) or "",
        )
        for row in rows
    ]


def check_consent(body: ConsentBody, purposes: Mapping[str, int], at: str) -> None:
    """RefusedError or InvalidError, with a pointer below `at`, for what cannot be written; also for
    a purpose that is not among the known ones."""
    check_texts(
        {"purpose": body.purpose, "source": body.source, "wording": body.wording, "by": body.by},
        ("purpose", "source", "wording", "by"),
        at,
    )
    if body.locale is not None:
        check_locale(body.locale, f"{at}/locale")
    check_depth(body.evidence, f"{at}/evidence")
    if len(msgspec.json.encode(body.evidence)) > EVIDENCE_BYTES:
        detail = f"the evidence is larger than {EVIDENCE_BYTES // 1024} KiB; keep it elsewhere"
        raise RefusedError(400, f"{detail} and write where", pointer=f"{at}/evidence")
    if body.purpose not in purposes:
        near = did_you_mean(body.purpose, [name for name in purposes if name != EVERY])
        detail = f"there is no category {body.purpose!r}; {near}"
        raise InvalidError(detail, f"{at}/purpose")


async def purpose_numbers(
    services: Services, env: int, bodies: Sequence[ConsentBody]
) -> dict[str, int]:
    """Numbers of all purposes there are, by name; where the bodies name no category, 0 alone."""
    if all(body.purpose == EVERY for body in bodies):
        return {EVERY: 0}
    catalog = await services.catalogs.current(env)
    known = [row.category.key for row in catalog.categories]
    return {EVERY: 0, **await services.store.names.numbers(env, NameKind.CATEGORY, known)}


def consent_write(body: ConsentBody, purposes: Mapping[str, int]) -> ConsentWrite:
    """What the ledger gets; its purpose has to be among the known ones."""
    return ConsentWrite(
        purpose=purposes[body.purpose],
        channel=None if body.channel == EVERY else Channel(body.channel),
        granted=body.state == "granted",
        source=body.source,
        wording=body.wording,
        locale=body.locale,
        by=body.by,
        evidence=body.evidence,
    )

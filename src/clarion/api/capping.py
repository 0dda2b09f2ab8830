"""Caps of a tenant or of the environment as documents: read, checked and changed."""

from __future__ import annotations

from typing import Any

import msgspec

from clarion.api.merging import merged
from clarion.api.services import Services
from clarion.core.caps import NO_CAPS, CapDefaults
from clarion.core.caps_reading import cap_defaults_document, read_cap_defaults
from clarion.core.document import Mistakes
from clarion.errors import ConflictError

TRIES = 5
_FIELDS = ("caps", "cap_total")


class CapsPatch(msgspec.Struct, frozen=True):
    """The fields of a body that are about caps, as far as they were given."""

    given: dict[str, Any]

    @classmethod
    def of(cls, caps: Any, total: Any) -> CapsPatch:
        """What is UNSET was not given."""
        pairs = zip(_FIELDS, (caps, total), strict=True)
        return cls({name: value for name, value in pairs if value is not msgspec.UNSET})


class Capping:
    """Changes build on what is there; who comes second of two at once builds on the first."""

    def __init__(self, services: Services) -> None:
        self._store = services.store.caps
        self._clock = services.clock

    async def document(self, env: int, tenant: int) -> dict[str, Any]:
        """`caps` and `cap_total` as they hold now; a missing one is left out."""
        return cap_defaults_document((await self._held(env, tenant))[1])

    async def check(self, env: int, tenant: int, patch: CapsPatch, *, replace: bool) -> None:
        """InvalidError when the caps would be wrong after the change."""
        if patch.given:
            _changed((await self._held(env, tenant))[1], patch, replace=replace)

    async def change(
        self, env: int, tenant: int, patch: CapsPatch, *, replace: bool
    ) -> dict[str, Any]:
        """Apply a merge patch (or, with `replace`, make it the whole); what holds afterwards.
        InvalidError as of `check`, ConflictError when others change it all the time."""
        for _ in range(TRIES):
            version, held = await self._held(env, tenant)
            wanted = _changed(held, patch, replace=replace)
            if wanted == held:
                return cap_defaults_document(held)
            now = self._clock.now()
            if await self._store.write_defaults(env, tenant, wanted, version, now) is not None:
                return cap_defaults_document(wanted)
        raise ConflictError("others are changing the same caps; read them, then send it again")

    async def _held(self, env: int, tenant: int) -> tuple[int, CapDefaults]:
        return (await self._store.defaults(env, [tenant])).get(tenant, (0, NO_CAPS))


def _changed(held: CapDefaults, patch: CapsPatch, *, replace: bool) -> CapDefaults:
    document = patch.given if replace else merged(cap_defaults_document(held), patch.given)
    mistakes = Mistakes()
    defaults = read_cap_defaults(document, "", mistakes)
    if mistakes.found:
        raise mistakes.found[0]
    return defaults

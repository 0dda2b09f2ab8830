"""Whose choices a document holds: a user's, a tenant's, or the environment's."""

from __future__ import annotations

import msgspec

from clarion.api.choices import SECTIONS
from clarion.core.recipient import ScopeKind


class Owner(msgspec.Struct, frozen=True, kw_only=True):
    """Whose document it is: the number of the user (0 for defaults), the scope of what stands at
    the top, and the sections the document may have.
    """

    env: int
    user: int
    kind: ScopeKind
    scope: int = 0
    sections: tuple[str, ...] = ()

    def owns(self, key: tuple[ScopeKind, int]) -> bool:
        """Whether a row of the user with this (kind, scope) belongs to the document."""
        if key == (self.kind, self.scope):
            return True
        return any(SECTIONS[section] is key[0] for section in self.sections)

    @property
    def kinds(self) -> list[ScopeKind]:
        """The kinds of scopes of which the document may hold any."""
        return [self.kind, *(SECTIONS[section] for section in self.sections)]


def a_users(env: int, user: int) -> Owner:
    """A user's own choices."""
    return Owner(env=env, user=user, kind=ScopeKind.USER, sections=tuple(SECTIONS))


def a_tenants(env: int, tenant: int) -> Owner:
    """What holds in a tenant for those who chose nothing."""
    return Owner(env=env, user=0, kind=ScopeKind.TENANT, scope=tenant)


def the_environments(env: int) -> Owner:
    """What holds everywhere for those who chose nothing."""
    sections = ("categories", "workflows", "topics")
    return Owner(env=env, user=0, kind=ScopeKind.ENVIRONMENT, sections=sections)

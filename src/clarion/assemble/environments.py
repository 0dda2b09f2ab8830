"""What a process puts into the store when it starts: its key and its workspace."""

from __future__ import annotations

from clarion.api.auth import key_hash, key_hint
from clarion.config import Workspace
from clarion.pipeline.catalogs import CatalogService
from clarion.store.contract import Store

DEFAULT_ENVIRONMENT = "default"


async def admit(store: Store, key: str, environment: str, scope: str, now: int) -> None:
    """Make a key valid."""
    await store.keys.create(environment, key_hash(key), key_hint(key), scope, now, None)


async def apply_workspace(catalogs: CatalogService, env: int, workspace: Workspace) -> None:
    """Put a workspace's templates, categories and workflows as one."""
    await catalogs.apply(
        env,
        templates=workspace.files,
        categories=list(workspace.category_documents.values()),
        workflows=list(workspace.workflow_documents.values()),
    )

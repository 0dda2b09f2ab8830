"""Which parts today: the only room that names concrete classes. Settings in, a running process
out."""

from clarion.assemble.core import StandIns
from clarion.assemble.environments import DEFAULT_ENVIRONMENT, apply_workspace
from clarion.assemble.places import migrate_store, open_beside
from clarion.assemble.restored import Settled, settle_restored
from clarion.assemble.roles import ALL_ROLES, Role
from clarion.assemble.server import Server
from clarion.assemble.shares import MOST_PROCESSES, Share, is_bulk, shares
from clarion.assemble.siblings import Sibling, Siblings

__all__ = [
    "ALL_ROLES",
    "DEFAULT_ENVIRONMENT",
    "MOST_PROCESSES",
    "Role",
    "Server",
    "Settled",
    "Share",
    "Sibling",
    "Siblings",
    "StandIns",
    "apply_workspace",
    "is_bulk",
    "migrate_store",
    "open_beside",
    "settle_restored",
    "shares",
]

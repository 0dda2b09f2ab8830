"""The only reader of environment and files: settings and workspaces in, frozen records out."""

from clarion.config.loading import FILE_NAME, load_settings
from clarion.config.problem import Problem, refuse
from clarion.config.settings import Account, Alerts, Leases, Listen, Network, Settings, Traces
from clarion.config.shown import without_password, without_query, without_secret
from clarion.config.workspace import Check, Workspace, inspect_workspace, load_workspace

__all__ = [
    "FILE_NAME",
    "Account",
    "Alerts",
    "Check",
    "Leases",
    "Listen",
    "Network",
    "Problem",
    "Settings",
    "Traces",
    "Workspace",
    "inspect_workspace",
    "load_settings",
    "load_workspace",
    "refuse",
    "without_password",
    "without_query",
    "without_secret",
]

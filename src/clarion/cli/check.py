"""`clarion check`: what would keep a server from starting or sending, and how to mend it."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import typer

from clarion.cli import check_cluster
from clarion.cli.accounts import mistake_in
from clarion.cli.failing import WRONG
from clarion.cli.finding import Finding
from clarion.cli.open_files import most_files, too_few_files
from clarion.cli.options import AsJson
from clarion.cli.surroundings import settings_here
from clarion.cli.terminal import counted, say, say_json
from clarion.cli.up import SettingsFile
from clarion.config import Account, Settings, without_query
from clarion.errors import ClarionError

INPROC = "inproc"
REACH_SECONDS = 3.0
EVERYWHERE = "*"
_OPEN = (
    "pages of every site may read the inbox of a user whose token they have; name the sites, "
    'e.g. inbox_origins = ["https://app.example.org"]'
)
HTTPS_PORT = 443
PORTS = {"http": 80, "https": HTTPS_PORT}


def check(config: SettingsFile = None, as_json: AsJson = False) -> None:
    """Look at settings, files and connections; say what is wrong and how to mend it."""
    findings = []
    for finding in _findings(config):
        findings.append(finding)
        if not as_json:
            _tell(finding)
    wrong = sum(len(finding.wrong) for finding in findings)
    warned = sum(len(finding.warnings) for finding in findings)
    if as_json:
        say_json({"ok": not wrong, "findings": findings})
    else:
        said = f"{counted(wrong, 'thing')} to mend." if wrong else "All is well."
        say("", f"{said} {counted(warned, 'warning')}." if warned else said)
    if wrong:
        raise typer.Exit(WRONG)


def _tell(finding: Finding) -> None:
    mark = "[green]✓[/green]"
    if finding.wrong or finding.warnings:
        mark = "[red]✗[/red]" if finding.wrong else "[yellow]![/yellow]"
    say(f"{mark} [bold]{finding.what}[/bold]  {finding.said}".rstrip())
    for line in (*finding.wrong, *finding.warnings):
        typer.echo(f"    {line}")


def _findings(config: Path | None) -> Iterator[Finding]:
    try:
        settings = settings_here(config)
    except ClarionError as error:
        yield Finding(what="settings", wrong=tuple(str(error).splitlines()))
        return
    yield Finding(what="settings", said=str(settings.file or "defaults and environment"))
    if settings.sqlite_path is None:
        yield check_cluster.postgres(settings)
        yield check_cluster.leases(settings)
    else:
        yield _store(settings.sqlite_path)
    if settings.bus != INPROC:
        yield check_cluster.nats(settings)
    if EVERYWHERE in settings.inbox_origins:
        yield Finding(what="inbox_origins", said="*", warnings=(_OPEN,))
    if few := too_few_files(settings.inbox_connections, most_files()):
        yield Finding(what="open files", said=str(most_files()), warnings=(few,))
    yield _traces(settings)
    if settings.workspace is not None:
        yield _workspace(settings.workspace)
    if any(account.kind == "smtp" for account in settings.accounts):
        yield _links(settings)
    for account in settings.accounts:
        yield _account(account)


def _store(path: Path) -> Finding:
    """Opened as a tool would: a server may be running on it. A missing file is no mistake."""
    from clarion.store.sqlite.connection import open_connection

    if not path.exists():
        return Finding(what="store", said=f"{path} is made at the first start")
    try:
        connection = open_connection(path)
        intact = connection.execute("pragma quick_check(1)").fetchall() == [("ok",)]
        connection.close()
    except ClarionError as error:
        return Finding(what="store", said=str(path), wrong=(str(error),))
    except Exception:  # noqa: BLE001 - whatever the engine says about such a file
        intact = False
    if not intact:
        broken = f"{path} is not an intact database; restore it from a backup"
        return Finding(what="store", said=str(path), wrong=(broken,))
    return Finding(what="store", said=str(path))


def _traces(settings: Settings) -> Finding:
    """Where spans go, and whether somebody is there. A collector that is away keeps no server from
    working, so it is a warning."""
    from clarion.assemble.collecting import MISSING, has_library

    endpoint = settings.traces.endpoint
    if endpoint is None:
        return Finding(what="traces", said="off")
    if not has_library():
        return Finding(what="traces", wrong=(MISSING,))
    said = f"{without_query(endpoint)}, {settings.traces.ratio:.0%} of events"
    silence = _unreachable(*_place(endpoint))
    return Finding(what="traces", said=said, warnings=(silence,) if silence else ())


def _workspace(folder: Path) -> Finding:
    from clarion.cli.workspace import checked_workspace, mails_without_links

    workspace, problems = checked_workspace(folder)
    said = (
        f"{folder}: {counted(len(workspace.workflows), 'workflow')}, "
        f"{counted(len(workspace.files), 'template')}"
    )
    return Finding(
        what="workspace",
        said=said,
        wrong=tuple(map(str, problems)),
        warnings=tuple(
            str(one) for found in mails_without_links(workspace).values() for one in found
        ),
    )


def _links(settings: Settings) -> Finding:
    """Where the links of mails lead. One click out of a mail takes https (RFC 8058)."""
    said = settings.reached_at
    if said.startswith("https://"):
        return Finding(what="links in mails", said=said)
    mend = "set CLARION_PUBLIC_URL to the https address at which people reach this server"
    return Finding(what="links in mails", said=said, warnings=(f"nobody else gets there; {mend}",))


def _account(account: Account) -> Finding:
    what = f"provider {account.name}"
    if mistake := mistake_in(account):
        return Finding(what=what, said=account.kind, wrong=(mistake,))
    places = _places(account)
    said = account.kind + "".join(f", {host}:{port} answers" for host, port in places)
    wrong_places = tuple(text for place in places if (text := _unreachable(*place)))
    return Finding(what=what, said=account.kind if wrong_places else said, wrong=wrong_places)


def _places(account: Account) -> list[tuple[str, int]]:
    """The hosts an account needs, as (host, port): what its settings `host` and `port` or
    `base_url` name."""
    from clarion.channels.registry import capabilities_of

    usual = {field.name: field.default for field in capabilities_of(account.kind).settings}
    settings = usual | dict(account.settings)
    places = []
    if settings.get("host") and settings.get("port"):
        places.append((str(settings["host"]), int(settings["port"])))
    if settings.get("base_url"):
        places.append(_place(str(settings["base_url"])))
    return places


def _place(url: str) -> tuple[str, int]:
    parts = urlsplit(url)
    return parts.hostname or "", parts.port or PORTS.get(parts.scheme, HTTPS_PORT)


def _unreachable(host: str, port: int) -> str:
    """Why nobody answers at a place, and what to do; "" when somebody does."""
    try:
        socket.create_connection((host, port), REACH_SECONDS).close()
    except socket.gaierror:
        return f"the name {host} is not known; check its spelling and this machine's DNS"
    except TimeoutError:
        return (
            f"{host}:{port} does not answer in {REACH_SECONDS:.0f} s; check the port, and whether "
            "a firewall lets this machine out"
        )
    except ConnectionRefusedError:
        return f"{host}:{port} refuses connections; check the port, and whether the server runs"
    except OSError as error:
        return f"{host}:{port} cannot be reached ({error.strerror}); check the network"
    return ""

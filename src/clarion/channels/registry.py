"""Every provider by its kind: what it can do and how it is made. A new provider adds a row."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import msgspec

from clarion.channels.capture import CAPTURE, CaptureProvider
from clarion.channels.contract import Capabilities, Provider, SettingField
from clarion.channels.email.smtp import SMTP, SmtpProvider
from clarion.channels.push.fcm import FCM, FcmProvider
from clarion.channels.webhook.standard import WEBHOOK, WebhookProvider
from clarion.core.suggestion import nearest
from clarion.core.workflow import Channel
from clarion.errors import SettingsError

Factory = Callable[[Mapping[str, Any]], Provider]


class Row(msgspec.Struct, frozen=True):
    """A kind of provider. The factory gets settings that were checked against the capabilities."""

    capabilities: Capabilities
    make: Factory


def _capture(settings: Mapping[str, Any]) -> Provider:
    name = settings.get("channel", Channel.PUSH)
    if name not in [channel.value for channel in Channel]:
        raise SettingsError(f"`channel` is one of {', '.join(Channel)}")
    return CaptureProvider(Channel(name))


ROWS: dict[str, Row] = {
    row.capabilities.kind: row
    for row in (
        Row(FCM, FcmProvider),
        Row(SMTP, SmtpProvider),
        Row(WEBHOOK, WebhookProvider),
        Row(CAPTURE, _capture),
    )
}


def capabilities_of(kind: str) -> Capabilities:
    """What a kind of provider can do; SettingsError when there is none of this name."""
    return _row(kind).capabilities


def make_provider(kind: str, settings: Mapping[str, Any]) -> Provider:
    """A provider for one account. `settings` holds the provider's own only, secrets already read
    from files.

    SettingsError when the kind or a setting is unknown, missing or of an impossible value.
    """
    row = _row(kind)
    names = [field.name for field in row.capabilities.settings]
    for name in settings:
        if name not in names:
            raise SettingsError(f"{kind} has no setting {name!r}{_hint(name, names)}")
    missing = [f.name for f in row.capabilities.settings if f.required and not settings.get(f.name)]
    if missing:
        raise SettingsError(f"{kind} needs {' and '.join(f'`{name}`' for name in missing)}")
    return row.make(settings)


def capability_matrix() -> str:
    """All providers side by side, as a Markdown table."""
    heads = ("kind", "channel", "provider", "platforms", "repeat", "receipts", "largest payload")
    return _table(heads, (_matrix_row(row.capabilities) for row in ROWS.values()))


def providers_page() -> str:
    """`docs/providers.md`: the matrix and every provider's settings."""
    parts = [
        "# Providers",
        "Generated from the registry: `python -m clarion.channels.registry > docs/providers.md`.",
        capability_matrix(),
        "*repeat*: what a second send of one delivery does - `dropped` by the vendor, `replaces` "
        "the first on the device, or arrives `twice`.",
        "Each account is a table `[providers.<name>]` with its `kind` and the settings below. "
        "Every secret may come from a file instead: add `_file` to its name.",
    ]
    parts += [_settings_section(row.capabilities) for row in ROWS.values()]
    return "\n\n".join(parts) + "\n"


def _row(kind: str) -> Row:
    if kind not in ROWS:
        hint = _hint(kind, ROWS) or f"; there are {', '.join(ROWS)}"
        raise SettingsError(f"no provider of kind {kind!r}{hint}")
    return ROWS[kind]


def _hint(name: str, known: Iterable[str]) -> str:
    near = nearest(name, known)
    return f"; did you mean {near!r}?" if near else ""


def _matrix_row(can: Capabilities) -> tuple[str, ...]:
    repeat = "dropped" if can.idempotent else "replaces" if can.replaces else "twice"
    size = f"{can.max_bytes} bytes" if can.max_bytes else ""
    channel = "any" if can.kind == CAPTURE.kind else can.channel.value
    receipts = "yes" if can.receipts else "no"
    return (f"`{can.kind}`", channel, can.title, ", ".join(can.platforms), repeat, receipts, size)


def _settings_section(can: Capabilities) -> str:
    rows = (_setting_row(field) for field in can.settings)
    return f"## {can.title}: `{can.kind}`\n\n" + _table(("setting", "meaning", "default"), rows)


def _setting_row(field: SettingField) -> tuple[str, ...]:
    default = (
        "required" if field.required else "" if field.default is None else f"`{field.default}`"
    )
    meaning = f"{field.meaning} (secret)" if field.secret else field.meaning
    return (f"`{field.name}`", meaning, default)


def _table(heads: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [heads, tuple("---" for _ in heads), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


if __name__ == "__main__":
    import sys

    sys.stdout.write(providers_page())

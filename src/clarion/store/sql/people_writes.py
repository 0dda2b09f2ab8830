"""Writing users: which change holds, its history, and the addresses that follow from it."""

from __future__ import annotations

from typing import Any

import msgspec

from clarion.core.workflow import Channel
from clarion.errors import InvalidError
from clarion.store.contract.names import NameKind
from clarion.store.contract.people import UserWrite, Written
from clarion.store.sql.addresses import address_hash
from clarion.store.sql.codec import channel_of, number_of, plain, text_json
from clarion.store.sql.names import mint_names, numbers_of, reserve_numbers
from clarion.store.sql.suppressions import mark_written
from clarion.store.sql.tx import Rows, Tx, Values

_EMPTY: dict[str, Any] = {
    "locale": None,
    "timezone": None,
    "email": None,
    "phone": None,
    "name": None,
    "roles": (),
    "data": {},
}
_ADDRESSES = (("email", Channel.EMAIL), ("phone", Channel.SMS))


class _State(msgspec.Struct):
    """A user while a batch is applied; `fields` as in UserWrite.changed, all of them."""

    number: int
    version: int = 0
    source_version: int | None = None
    at: int = 0
    fields: dict[str, Any] = msgspec.field(default_factory=lambda: dict(_EMPTY))

    def row(self) -> tuple[Any, ...]:
        f = self.fields
        return (
            self.number,
            self.version,
            self.source_version,
            self.at,
            f["locale"],
            f["timezone"],
            f["email"],
            f["phone"],
            f["name"],
            text_json(f["roles"]) if f["roles"] else "[]",
            text_json(f["data"]) if f["data"] else "{}",
        )


def check_fields(writes: list[UserWrite]) -> None:
    """InvalidError when a write names a field that users do not have."""
    for index, write in enumerate(writes):
        for name in write.changed:
            if name not in _EMPTY:
                known = ", ".join(_EMPTY)
                raise InvalidError(
                    f"users have no field {name!r}; the fields are {known}", f"/{index}/{name}"
                )


async def write_users(tx: Tx, env: int, writes: list[UserWrite], now: int) -> list[Written]:
    """Apply the writes in order: three reads and at most four statements, whatever their number."""
    await tx.hold("people", env)
    numbers = await mint_names(tx, env, NameKind.USER, [write.id for write in writes])
    states = await _states(tx, env, list(numbers.values()))
    before = {number: state.fields for number, state in states.items()}
    touched: dict[int, _State] = {}
    history: list[tuple[Any, ...]] = []
    answers = []
    for write in writes:
        number = numbers[write.id]
        state = states.get(number)
        created = state is None
        if state is None:
            state = states[number] = _State(number)
        applied = _in_order(write.version, state.source_version)
        if applied:
            changed = _apply(state, write, now)
            if changed:
                history.append(state.row())
            if changed or write.version is not None:
                touched[number] = state
        answers.append(
            Written(
                id=write.id, number=number, version=state.version, applied=applied, created=created
            )
        )
    if touched:
        await tx.run("people/upsert_users", env, Rows([state.row() for state in touched.values()]))
    if history:
        await tx.run("people/insert_history", env, Rows(history))
    await _write_addresses(tx, env, before, touched, now)
    return answers


async def source_versions(tx: Tx, env: int, names: list[str]) -> dict[str, int]:
    """The `version` that a write gave last, of the users that exist; -1 where none gave one."""
    numbers = await numbers_of(tx, env, NameKind.USER, names)
    states = await _states(tx, env, list(numbers.values()))
    held = {number: state.source_version for number, state in states.items()}
    return {
        name: -1 if (version := held[number]) is None else version
        for name, number in numbers.items()
        if number in held
    }


async def _states(tx: Tx, env: int, numbers: list[int]) -> dict[int, _State]:
    found = {}
    for row in await tx.rows("people/select_states", Values(numbers), env):
        number, version, source_version, at, locale, zone, email, phone, name, roles, data, *_ = row
        fields = {
            "locale": locale,
            "timezone": zone,
            "email": email,
            "phone": phone,
            "name": name,
            "roles": () if roles == "[]" else tuple(plain(roles)),
            "data": {} if data == "{}" else plain(data),
        }
        found[number] = _State(number, version, source_version, at, fields)
    return found


def _in_order(version: int | None, held: int | None) -> bool:
    return version is None or held is None or version >= held


def _apply(state: _State, write: UserWrite, now: int) -> bool:
    """Change the state; whether that is a new version of the user."""
    if write.version is not None:
        state.source_version = write.version
    fields = _EMPTY | _values(write.changed) if write.replace else _merged(state.fields, write)
    if state.version and fields == state.fields:
        return False  # the row stays as it is, unless its source gave a version
    state.fields = fields
    state.version += 1
    state.at = now
    return True


def _values(changed: dict[str, Any]) -> dict[str, Any]:
    """Changed fields in the store's shape: roles a tuple, data an object."""
    values = dict(changed)
    if "roles" in values:
        values["roles"] = tuple(values["roles"] or ())
    if "data" in values:
        values["data"] = values["data"] or {}
    return values


def _merged(fields: dict[str, Any], write: UserWrite) -> dict[str, Any]:
    values = _values(write.changed)
    if write.changed.get("data") is not None:
        values["data"] = _merge_patch(fields["data"], values["data"])
    return fields | values


def _merge_patch(target: Any, patch: Any) -> Any:
    """JSON merge patch (RFC 7396): null removes, objects are merged, all else replaces."""
    if not isinstance(patch, dict):
        return patch
    result = dict(target) if isinstance(target, dict) else {}
    for key, value in patch.items():
        if value is None:
            result.pop(key, None)
        else:
            result[key] = _merge_patch(result.get(key), value)
    return result


async def _write_addresses(
    tx: Tx, env: int, before: dict[int, dict[str, Any]], touched: dict[int, _State], now: int
) -> None:
    replaced = []
    fresh = []
    for number, state in touched.items():
        old = before.get(number, _EMPTY)
        for field, channel in _ADDRESSES:
            address = state.fields[field]
            if address == old[field]:
                continue
            hashed = address_hash(channel, address).hex() if address else ""
            if old[field]:
                replaced.append((number, number_of(channel), hashed))
            if address:
                fresh.append((number, number_of(channel), address, hashed))
    if replaced:
        await tx.run("people/replace_addresses", now, Rows(replaced), env)
    if fresh:
        first = await reserve_numbers(tx, env, NameKind.DESTINATION, len(fresh))
        rows = [(first + index, *row) for index, row in enumerate(fresh)]
        await tx.run("people/upsert_addresses", env, now, Rows(rows))
        await mark_written(tx, env, [(channel_of(row[1]), row[2]) for row in fresh])

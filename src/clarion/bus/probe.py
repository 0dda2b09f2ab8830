"""Whether NATS lets us in, and keeps last rings: asked once, for `clarion check`."""

from __future__ import annotations

import asyncio
from contextlib import suppress

import nats.errors
from nats.js.errors import APIError

from clarion.bus.nats_access import Access, Connection
from clarion.errors import UnavailableError

ANSWER_SECONDS = 2.0
SWITCHED_OFF = "JetStream is switched off or not ours to use; start nats-server with -js"


async def probe(access: Access) -> str:
    """Connect and ask for JetStream: "" or why it is not to be had. UnavailableError, in words that
    name the mend, when NATS cannot be reached or refuses us."""
    connection = Connection(access, _ignored)
    try:
        await connection.open()
        return await _jetstream(connection)
    except Exception as error:  # noqa: BLE001 - whatever the client raises is put in words
        raise UnavailableError(f"{', '.join(access.places)}: {connection.why(error)}") from None
    finally:
        with suppress(Exception):
            async with asyncio.timeout(ANSWER_SECONDS):
                await connection.client.close()


async def _jetstream(connection: Connection) -> str:
    try:
        await connection.client.jetstream(timeout=ANSWER_SECONDS).account_info()
    except APIError as error:
        if error.description:
            return f"JetStream says: {error.description}"
        return SWITCHED_OFF
    except (nats.errors.Error, TimeoutError):
        return SWITCHED_OFF
    return ""


async def _ignored(error: Exception) -> None:
    """The connection keeps what it needs of it."""

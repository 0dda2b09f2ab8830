"""The pages as one ASGI application: finds the page of a request, and turns every refusal into a
page as well."""

from __future__ import annotations

from urllib.parse import parse_qsl

from litestar.enums import ScopeType
from litestar.types import HTTPScope, Receive, Scope, Send

from clarion.api.bodies import Bodies
from clarion.api.choosing import Choosing
from clarion.api.limits import KeyLimits, Quota
from clarion.api.problems import RefusedError
from clarion.api.services import Services
from clarion.core.links import Link, Purpose
from clarion.errors import ClarionError, UnavailableError
from clarion.pages.answers import STYLE, STYLE_NAME, Page, notice, send_bytes, send_page
from clarion.pages.asked import Asked
from clarion.pages.forms import LARGEST_FORM, Form, form_of
from clarion.pages.preferences import PreferencePage
from clarion.pages.unsubscribe import UnsubscribePage, is_one_click
from clarion.pages.words import Words, words_for
from clarion.telemetry import logger

FOLDERS = {"p": Purpose.PREFERENCES, "u": Purpose.UNSUBSCRIBE}
METHODS = ("GET", "HEAD", "POST")
STYLE_PATH = f"/pages/{STYLE_NAME}"
LINK_QUOTA = Quota(1, 60)
"""Requests of one user's links of a purpose and a method: a second in the long run, and at once."""

RETRY_SECONDS = "60"
_STYLE_HEADERS = {
    "content-type": "text/css; charset=utf-8",
    "cache-control": "public, max-age=31536000, immutable",
    "x-content-type-options": "nosniff",
}
_log = logger("pages")


class Pages:
    """Everything below `/p/` (preferences), `/u/` (unsubscribe) and `/pages/` (their style)."""

    def __init__(self, services: Services, choosing: Choosing, bodies: Bodies) -> None:
        self._services = services
        self._bodies = bodies
        self._limits = KeyLimits(services.clock)
        self._preferences = PreferencePage(services, choosing)
        self._unsubscribe = UnsubscribePage(services, choosing)

    def serves(self, path: str) -> bool:
        """Whether the path is one of ours."""
        return path.startswith(("/p/", "/u/", "/pages/"))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request (`scope` is of HTTP)."""
        if scope["type"] != ScopeType.HTTP:
            return
        bodiless = scope["method"] == "HEAD"
        if scope["path"] == STYLE_PATH and scope["method"] in ("GET", "HEAD"):
            await send_bytes(200, _STYLE_HEADERS, STYLE, send, bodiless=bodiless)
            return
        await send_page(await self._answer(scope, receive), send, bodiless=bodiless)

    async def _answer(self, scope: HTTPScope, receive: Receive) -> Page:
        headers = {
            name.decode("latin-1"): text.decode("latin-1") for name, text in scope["headers"]
        }
        words = words_for(None, headers.get("accept-language", ""))
        try:
            return await self._page(scope, receive, headers, words)
        except RefusedError as refusal:
            kind = "busy" if refusal.status == 429 else "wrong"
            told = {name.lower(): text for name, text in refusal.headers.items()}
            return notice(kind, words, refusal.status, told)
        except UnavailableError:
            return notice("busy", words, 503, {"retry-after": RETRY_SECONDS})
        except ClarionError:
            return notice("wrong", words, 422)
        except Exception:  # noqa: BLE001 - a person gets a page, whatever is wrong with us
            _log.exception("a page failed in our own code")
            return notice("wrong", words, 500)

    async def _page(
        self, scope: HTTPScope, receive: Receive, headers: dict[str, str], words: Words
    ) -> Page:
        _, folder, token = [*scope["path"].split("/", 2), ""][:3]
        purpose = FOLDERS.get(folder)
        if purpose is None:
            return notice("bad", words, 404)
        if scope["method"] not in METHODS:
            return notice("wrong", words, 405, {"allow": ", ".join(METHODS)})
        link = self._services.linker.links.read(purpose, token)
        if link is None:
            return notice("bad", words, 404)
        form = None
        if scope["method"] == "POST":
            form = await self._form(scope, receive, headers)
        if form is None or purpose is not Purpose.UNSUBSCRIBE or not is_one_click(form):
            self._limit(link, purpose, form is not None)
        asked = Asked(link, form, _query(scope), headers.get("accept-language", ""))
        if purpose is Purpose.PREFERENCES:
            return await self._preferences.answer(asked)
        return await self._unsubscribe.answer(asked)

    async def _form(self, scope: HTTPScope, receive: Receive, headers: dict[str, str]) -> Form:
        client = scope.get("client")
        place = self._bodies.place(client[0] if client else "nowhere")
        try:
            return form_of(await place.read(receive, headers, LARGEST_FORM), headers)
        finally:
            place.leave()

    def _limit(self, link: Link, purpose: Purpose, changes: bool) -> None:
        """Only sealed links count: others cost no more than the sum that refuses them. Who looks
        uses up nobody's right to change something, nor one page that of another; the one click of
        a mail program, which may be repeated, is never refused.
        """
        owner = f"{link.env}.{link.user}.{purpose.folder}.{changes:d}".encode()
        self._limits.take(owner, LINK_QUOTA, 1)


def _query(scope: HTTPScope) -> dict[str, str]:
    try:
        return dict(parse_qsl(scope["query_string"].decode("latin-1"), max_num_fields=20))
    except ValueError:
        return {}

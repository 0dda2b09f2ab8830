"""The body of a mail: MJML, HTML or text as written, an HTML and a text template out."""

from __future__ import annotations

import re

import css_inline
import mjml
import msgspec

from clarion.content import bounds
from clarion.content.html_text import text_from_html
from clarion.content.mjml_check import check_mjml, check_nesting
from clarion.content.place import Place
from clarion.content.tags import HiddenTags

_MJML = re.compile(r"\s*(<\?xml[^>]*>\s*|<!--.*?-->\s*|\{#.*?#\}\s*)*<mjml[\s>]", re.DOTALL)
_HTML = re.compile(
    r"<(!doctype|html|head|body|p|div|br|table|h[1-6]|ul|ol|li|a|b|i|em|strong|span|img|center"
    r"|section|article|blockquote|pre|hr|font|style)(\s[^<]*|/)?>",
    re.IGNORECASE,
)
_POSITION = re.compile(r"at position (\d+):")
_INLINER = css_inline.CSSInliner(load_remote_stylesheets=False, keep_at_rules=True)


class MailBody(msgspec.Struct, frozen=True):
    """Template sources of the two parts of a mail; `html` is None when there is only text."""

    html: str | None
    text: str


def mail_body(source: str, place: Place) -> MailBody:
    """Make the templates of a mail from a flat source; InvalidError where that cannot work.

    MJML becomes HTML and styles move into the elements now, not once per mail.
    """
    if _MJML.match(source):
        return _from_markup(source, place, is_mjml=True)
    if _HTML.search(source):
        return _from_markup(source, place, is_mjml=False)
    return MailBody(None, source)


def _from_markup(source: str, place: Place, is_mjml: bool) -> MailBody:
    hidden = HiddenTags(source, place)
    html = hidden.source
    if is_mjml:
        html = _mjml_to_html(html, place)
    else:
        check_nesting(html, bounds.TAG_DEPTH, place)
    html = _inlined(html, place)
    if "<tbody" not in source:
        html = hidden.settle_in_tables(html)
    if len(html) > bounds.OUTPUT_CHARS:
        raise place.error(f"it is over {bounds.OUTPUT_CHARS} characters as HTML; make it shorter")
    text = text_from_html(html, hidden.comment)
    return MailBody(hidden.restore(html), hidden.show(text))


def _mjml_to_html(source: str, place: Place) -> str:
    check_mjml(source, place)
    try:
        # No fonts: a mail must not make its reader's program call a third party.
        return mjml.mjml2html(source.strip(), fonts={})
    except ValueError as mistake:
        position = _POSITION.search(str(mistake))
        line = source.strip().count("\n", 0, int(position[1])) + 1 if position else None
        hint = "check that elements stand where MJML takes them and `<` in text is written `&lt;`"
        raise place.error(f"the MJML cannot be read; {hint}", line) from None


def _inlined(html: str, place: Place) -> str:
    try:
        return _INLINER.inline(html)
    except ValueError:
        raise place.error("the styles of the HTML cannot be read; check its CSS") from None

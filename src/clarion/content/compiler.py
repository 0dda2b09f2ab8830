"""Templates of send steps, compiled for all their locales and kept for the next time."""

from __future__ import annotations

from collections import OrderedDict
from typing import Any

import msgspec

from clarion.content import bounds
from clarion.content.contract import Compiler, Rendered
from clarion.content.engine import Engine, keys_only, weigh
from clarion.content.fields import FIELD_SETS, HEADERS, check_fields
from clarion.content.filling import Filling, Leaf, finish
from clarion.content.inheritance import flatten
from clarion.content.locales import best_locale
from clarion.content.mail_body import mail_body
from clarion.content.place import Place
from clarion.content.subset import PERSONAL, Path, Reading, read
from clarion.content.wording import Wording
from clarion.core.links import LINK_NAMES
from clarion.core.workflow import Channel, SendStep, Workflow
from clarion.errors import InvalidError

_KEPT = 1024
_MARKS = ("{{", "{%", "{#")


class TemplateCompiler(Compiler):
    """Compiles steps, and keeps the last of them by content. One thread at a time."""

    def __init__(self, kept: int = _KEPT) -> None:
        self._kept = kept
        self._steps: OrderedDict[bytes, TemplateStep] = OrderedDict()

    def compile(self, workflow: Workflow, step: SendStep) -> TemplateStep:
        """The step's template, ready to render; InvalidError with line and suggestion."""
        what = (workflow.locale, step.index, step.channel, step.template, workflow.partials)
        try:
            key = msgspec.msgpack.encode(what)
        except RecursionError:
            raise Place(step.index, "").error("it nests too deeply; make it flatter") from None
        except OverflowError:
            raise Place(step.index, "").error("it holds a number beyond 64 bits") from None
        compiled = self._steps.get(key)
        if compiled is None:
            compiled = self._steps[key] = TemplateStep(workflow, step)
            if len(self._steps) > self._kept:
                self._steps.popitem(last=False)
        else:
            self._steps.move_to_end(key)
        return compiled


class TemplateStep:
    """A send step's template: see `clarion.content.contract.CompiledStep`. `links` are those names
    of links that it mentions in all of its locales."""

    def __init__(self, workflow: Workflow, step: SendStep) -> None:
        if not step.template:
            raise Place(step.index, "").error("the template has no fields; add some")
        self._default = workflow.locale
        self._locales = {
            locale: _LocaleText(workflow, step, locale, fields)
            for locale, fields in step.template.items()
        }
        self._available = tuple(self._locales)
        self.personal = any(text.roots & PERSONAL for text in self._locales.values())
        named = [text.roots for text in self._locales.values()]
        self.links = frozenset(LINK_NAMES.intersection(*named))
        self._chosen: dict[tuple[str | None, ...], str] = {}

    def locale_for(self, *wanted: str | None) -> str:
        """The template's locale for a person: the first wanted (the person's own), then the
        workflow's, then the others wanted (tenant's, environment's), each shortened step by step;
        then the one without a name, then the first."""
        chosen = self._chosen.get(wanted)
        if chosen is None:
            chosen = best_locale(self._available, (*wanted[:1], self._default, *wanted[1:]))
            if len(self._chosen) >= _KEPT:
                self._chosen.clear()
            self._chosen[wanted] = chosen
        return chosen

    def render(self, locale: str, values: dict[str, Any], *, strict: bool = False) -> Rendered:
        """Render in one of the template's locales (another one counts as wanted).

        InvalidError when a value is too large, a header would break, or, if strict, something is
        not set; when not strict that becomes a warning.
        """
        text = self._locales.get(locale)
        if text is None:
            locale = self.locale_for(locale)
            text = self._locales[locale]
        return text.render(locale, values, strict)


class _LocaleText:
    """The fields of one locale: constants, leaves, and mappings and lists of them."""

    def __init__(
        self, workflow: Workflow, step: SendStep, locale: str, fields: dict[str, Any]
    ) -> None:
        self._channel = step.channel
        self._partials = workflow.partials
        self._set = FIELD_SETS[step.channel]
        is_text_message = step.channel is Channel.SMS
        self._wording = Wording(locale or workflow.locale or "", plain_spaces=is_text_message)
        self._text_engine = Engine(escape=False, wording=self._wording)
        self._html_engine: Engine | None = None
        self._leaves = 0
        self._hides = False
        self._place = Place(step.index, locale)
        self._paths: dict[Path, None] = {}
        self.roots: set[str] = set()
        check_fields(step.channel, fields, self._place)
        self._fields = self._compiled(fields)
        if step.channel is Channel.INBOX and self.roots & LINK_NAMES:
            found = ", ".join(f"`{name}`" for name in sorted(self.roots & LINK_NAMES))
            raise self._place.error(f"an inbox item cannot name {found}; name it in a message")

    def render(self, locale: str, values: dict[str, Any], strict: bool) -> Rendered:
        try:
            weight = weigh(values, self._paths)
        except InvalidError as mistake:
            raise self._place.error(mistake.detail) from None
        seen = values
        if self._hides:
            seen = {k: keys_only(v) if k in self.roots else v for k, v in values.items()}
        filling = Filling(seen, weight, strict)
        fields = {name: filling.fill(part) for name, part in self._fields.items()}
        finish(self._channel, fields, filling, self._place)
        return Rendered(locale, fields, tuple(filling.warnings))

    def _compiled(self, fields: dict[str, Any]) -> dict[str, Any]:
        compiled: dict[str, Any] = {}
        # `text` last: what is written there wins over the text made from the body.
        for name, value in sorted(fields.items(), key=lambda field: field[0] == "text"):
            place = self._place.within(name)
            if self._channel is Channel.EMAIL and name == "body":
                compiled |= self._mail(str(value), place)
            elif name in self._set.nested:
                compiled[name] = self._nested(name, value, place)
            elif name in self._set.typed:
                compiled[name] = self._leaf(value, place, typed=True)
            else:
                compiled[name] = self._leaf(_as_text(value), place)
        return compiled

    def _nested(self, name: str, value: Any, place: Place) -> Any:
        if len(place.path) > 8:
            raise place.error("mappings nest at most 8 deep; make it flatter")
        typed = name in self._set.typed
        if isinstance(value, dict):
            return {
                self._key(key, place): self._nested(name, entry, place.within(str(key)))
                for key, entry in value.items()
            }
        if isinstance(value, list | tuple):
            return [self._nested(name, v, place.within(str(i))) for i, v in enumerate(value)]
        return self._leaf(value if typed else _as_text(value), place, typed)

    def _key(self, key: Any, place: Place) -> str:
        if not isinstance(key, str) or any(mark in key for mark in _MARKS):
            raise place.error("names are texts without template tags")
        return key

    def _leaf(self, value: Any, place: Place, typed: bool = False) -> Any:
        self._leaves += 1
        if self._leaves > bounds.LEAVES_LIMIT:
            raise place.error(f"more than {bounds.LEAVES_LIMIT} values; make it smaller")
        if not isinstance(value, str):
            return value
        if place.path[-1] in HEADERS:
            value = value.strip()
            if self._channel is Channel.EMAIL and ("\n" in value or "\r" in value):
                raise place.error("it must be one line, as it becomes a mail header")
        source, reading = self._checked(value, place)
        if not any(mark in source for mark in _MARKS):
            return source.removesuffix("\n")
        template = self._add(self._text_engine, source, reading, place)
        return Leaf(template, typed=typed and reading.single)

    def _mail(self, value: str, place: Place) -> dict[str, Any]:
        self._leaves += 1
        source, _ = self._checked(self._partials.get(value.strip(), value), place)
        body = mail_body(source, place)
        parts: dict[str, Any] = {}
        if body.html is not None:
            self._html_engine = Engine(escape=True, wording=self._wording)
            reading = read(body.html, place, bounds.OUTPUT_CHARS)
            html = self._add(self._html_engine, body.html, reading, place)
            parts["html"] = Leaf(html, remade=True)
        reading = read(body.text, place, bounds.OUTPUT_CHARS)
        remade = body.html is not None
        text = self._add(self._text_engine, body.text, reading, place)
        return {**parts, "text": Leaf(text, tidied=remade, remade=remade)}

    def _checked(self, value: str, place: Place) -> tuple[str, Reading]:
        if len(value) > bounds.SOURCE_CHARS:
            raise place.error(f"it is over {bounds.SOURCE_CHARS} characters")
        flat, made_of = flatten(value, self._partials, place)
        if flat != value:
            for source, where in made_of:
                read(source, where, layout=True)
        reading = read(flat, place)
        for line, name, categories in reading.worded:
            self._wording.check(name, categories, place, line)
        return flat, reading

    def _add(self, engine: Engine, source: str, reading: Reading, place: Place) -> Any:
        self.roots |= reading.roots
        self._hides |= reading.hides
        self._paths |= dict.fromkeys(reading.reads)
        return engine.add(source, reading, place)


def _as_text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else str(value)

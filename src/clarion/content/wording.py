"""Filters that speak the language of a template: names in a list, plurals, numbers, dates.

The rules are those of CLDR as Babel carries them. Babel is imported when a template first needs
them, as most processes start without.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable
from decimal import Decimal, localcontext
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import msgspec
from minijinja import pass_state

from clarion.content import bounds, filters
from clarion.content.arguments import OTHERS, PLACEHOLDER
from clarion.content.bidi import set_apart
from clarion.content.naming import NAME_LENGTH, Naming, StandIns, looked_at, stand_ins
from clarion.content.place import Place
from clarion.errors import InvalidError

if TYPE_CHECKING:
    from babel import Locale

FALLBACK = "en"
"""Whose rules hold where neither the template nor its workflow names a locale."""

NAMES_LIMIT = 100
"""Most names in one list; each costs more than an instruction of the engine."""

_ALL_NAMED, _NAMED_OF_MORE = 3, 2
_NUMBER = re.compile(r"-?[0-9]{1,80}(\.[0-9]{1,20})?")
_DIGITS = 400
_CALL, _NAME = 60, 20
_CHARS_SCANNED = 8
"""Work of a call, of a name beside its characters, and characters of other values for one unit."""

_WIDE_SPACES = str.maketrans("\u202f\xa0", "  ")
_SPANISH_I = re.compile("i|hi(?![ae])", re.IGNORECASE)


class Rules(msgspec.Struct, frozen=True):
    """What CLDR knows of a locale, and the stand-ins for those without a name."""

    locale: Locale
    is_rtl: bool
    stand_ins: StandIns

    def category(self, number: int | Decimal) -> str:
        """The plural category: zero, one, two, few, many or other."""
        return self.locale.plural_form(number)

    @property
    def categories(self) -> tuple[str, ...]:
        """All plural categories of the locale."""
        return (*sorted(self.locale.plural_form.tags), "other")

    def enumeration(self, names: list[str]) -> str:
        """All the names in one list: `A, B, and C`."""
        from babel.lists import format_list

        listed = format_list(names, locale=self.locale)
        if self.locale.language == "es" and len(names) > 1 and _SPANISH_I.match(names[-1]):
            # Before the sound of i, `y` becomes `e`; CLDR leaves this to the program.
            listed = f"{listed[: -len(names[-1]) - 2]}e {names[-1]}"
        return listed

    def opening(self, names: list[str]) -> str:
        """Names that a sentence goes on from, with the mark between them only: `A, B`."""
        mark = self.locale.list_patterns["standard"]["start"]
        listed = names[0] if names else ""
        for name in names[1:]:
            listed = mark.format(listed, name)
        return listed


@lru_cache(maxsize=256)
def rules_of(tag: str) -> Rules | None:
    """Rules of a locale tag, shortened step by step (de-XX -> de); None when there are none."""
    from babel import Locale, UnknownLocaleError

    name = tag.replace("-", "_")
    while name:
        try:
            locale = Locale.parse(name)
        except (UnknownLocaleError, ValueError):
            name = name.rpartition("_")[0]
        else:
            return Rules(locale, locale.text_direction == "rtl", stand_ins(str(locale)))
    return None


class Wording:
    """The filters of one locale of a template; `locale` is its tag.

    `plain_spaces` writes an ordinary space for those that keep numbers together: in a text message
    one of them costs more than half of the room. `left` is the work that the render at hand may
    still make of it.
    """

    def __init__(self, locale: str, plain_spaces: bool = False) -> None:
        self.locale = locale or FALLBACK
        self._plain_spaces = plain_spaces
        self.left = bounds.WORDING
        self.filters: dict[str, Callable[..., str]] = {
            "names": _for_reader(self._names),
            "tell": _for_reader(self._tell),
            "plural": self._plural,
            "number": self._number,
            "date": self._date,
            "time": self._time,
            "datetime": self._datetime,
        }

    def check(self, name: str, categories: Iterable[str], place: Place, line: int) -> None:
        """InvalidError unless the locale is known and has the plural categories a filter uses.

        Loads the rules, so that the first rendering is not the one to wait for them.
        """
        rules = rules_of(self.locale)
        if rules is None:
            problem = f"`{name}` knows no rules of the locale `{self.locale}`"
            raise place.error(f"{problem}; write the words without it", line)
        for category in categories:
            if category not in rules.categories:
                raise place.error(self._never_used(name, category, rules, place), line)

    def _never_used(self, name: str, category: str, rules: Rules, place: Place) -> str:
        mend = "leave it out"
        if category == "zero":
            mend = "for none at all write exactly_0"
        elif not place.locale:
            mend = "say which locale this is: template: {pl: ...}, or the workflow's `locale`"
        has = ", ".join(rules.categories)
        return f"`{name}` has the form `{category}`, never used in `{self.locale}` ({has}); {mend}"

    @property
    def _rules(self) -> Rules:
        rules = rules_of(self.locale)
        if rules is None:
            raise InvalidError(f"there are no rules of the locale `{self.locale}`")
        return rules

    def _names(self, reader: Any, value: Any, **options: Any) -> str:
        """All of a list of actors, by name."""
        naming = self._naming(reader, options)
        actors = naming.ordered(_listed(value))
        return self._rules.enumeration(self._called(actors, naming, True)) if actors else ""

    def _tell(self, reader: Any, value: Any, **given: Any) -> str:
        """The sentence about a digest's actors: all of them up to three, else two and how many
        others."""
        actors, number = _counted(value)
        if number == 0 and "exactly_0" not in given:
            return ""
        naming = self._naming(reader, given)
        actors = naming.ordered(actors)
        is_whole = number <= min(_ALL_NAMED, len(actors))
        shown = actors[: number if is_whole else _NAMED_OF_MORE]
        others = number - len(shown)
        form = self._form(given, OTHERS if others else "", others or number)
        names = self._called(shown, naming, form.startswith("{names}"))
        filled = {
            "names": self._rules.opening(names) if others else self._rules.enumeration(names),
            "others": self._written(others),
            "n": self._written(number),
        }
        return self._filled(form, {**given, **filled}, kept=filled.keys())

    def _plural(self, value: Any, **given: Any) -> str:
        """The form for a number."""
        number = _number_of(value)
        if number is None:
            return ""
        form = self._form(given, "", number)
        return self._filled(form, {**given, "n": self._written(number)}, kept=("n",))

    def _number(self, value: Any, decimals: int | None = None) -> str:
        """A number as the locale writes it."""
        number = _number_of(value)
        return "" if number is None else self._written(number, decimals)

    def _date(self, value: Any, pattern: str = "%Y-%m-%d", zone: str | None = None) -> str:
        """The day of an instant, in a style of the locale or by strftime's directives."""
        if pattern not in filters.STYLES:
            return filters.date(value, pattern, zone)
        return self._moment("date", value, pattern, zone)

    def _time(self, value: Any, style: str = "short", zone: str | None = None) -> str:
        """The time of day of an instant."""
        return self._moment("time", value, style, zone)

    def _datetime(self, value: Any, style: str = "medium", zone: str | None = None) -> str:
        """The day and the time of an instant."""
        return self._moment("datetime", value, style, zone)

    def _moment(self, part: str, value: Any, style: str, zone: str | None) -> str:
        from babel import dates

        self._spend(_CALL)
        moment = filters.moment_of(value)
        if moment is None:
            return ""
        try:
            local = moment.astimezone(filters.zone_of(zone))
        except (OverflowError, ValueError):  # the zone moves it out of the calendar
            return ""
        locale = self._rules.locale
        if part == "date":
            return self._spaced(dates.format_date(local, style, locale=locale))
        written = dates.format_time if part == "time" else dates.format_datetime
        return self._spaced(written(local, style, tzinfo=local.tzinfo, locale=locale))

    def _naming(self, reader: Any, options: dict[str, Any]) -> Naming:
        has_id = isinstance(reader, dict) and "id" in reader
        rules = self._rules
        return Naming(
            reader=reader["id"] if has_id else None,
            length=options.get("length", NAME_LENGTH),
            is_rtl=rules.is_rtl,
            said=rules.stand_ins,
            chosen={kind: options[kind] for kind in StandIns.__struct_fields__ if kind in options},
        )

    def _called(self, actors: list[Any], naming: Naming, opens_sentence: bool) -> list[str]:
        self._spend(_CALL + sum(_NAME + looked_at(actor) for actor in actors))
        return naming.names(actors, opens_sentence)

    def _spend(self, work: int) -> None:
        self.left -= work
        if self.left < 0:
            raise InvalidError("it names, counts or dates too much for one message; send less data")

    def _form(self, forms: dict[str, Any], prefix: str, number: int | Decimal) -> str:
        exact = forms.get(f"{prefix}exactly_{number}")
        if exact is not None:
            return str(exact)
        form = forms.get(prefix + self._rules.category(number))
        return str(forms[prefix + "other"] if form is None else form)

    def _filled(self, form: str, values: dict[str, Any], kept: Iterable[str]) -> str:
        """The form with its placeholders filled in; those `kept` are fit for the direction."""
        is_rtl = self._rules.is_rtl
        texts = {word: _as_text(values.get(word)) for word in PLACEHOLDER.findall(form)}
        if sum(map(len, texts.values())) > bounds.OUTPUT_CHARS:
            raise InvalidError(f"it is over {bounds.OUTPUT_CHARS} characters when rendered")
        self._spend(sum(map(len, texts.values())) // _CHARS_SCANNED)
        for word in texts.keys() - set(kept):
            texts[word] = set_apart(texts[word], is_rtl)
        return PLACEHOLDER.sub(lambda match: texts[match[1]], form)

    def _written(self, number: int | Decimal, decimals: int | None = None) -> str:
        from babel.numbers import format_decimal

        self._spend(_CALL)
        pattern = None if decimals is None else self._decimals(decimals)
        with localcontext(prec=_DIGITS):
            text = format_decimal(number, pattern, locale=self._rules.locale)
        return self._spaced(text)

    def _decimals(self, decimals: int) -> Any:
        from babel.numbers import parse_pattern

        pattern = self._rules.locale.decimal_formats[None]
        fraction = "." + "0" * decimals if decimals else ""
        return parse_pattern(pattern.pattern.partition(".")[0] + fraction)

    def _spaced(self, text: str) -> str:
        return text.translate(_WIDE_SPACES) if self._plain_spaces else text


def _for_reader(rule: Callable[..., str]) -> Callable[..., str]:
    """A filter that is also told who reads: the `user` of the rendering."""

    @pass_state
    def filtered(state: Any, value: Any, **given: Any) -> str:
        return rule(state.lookup("user"), value, **given)

    return filtered


def _listed(value: Any) -> list[Any]:
    if not isinstance(value, list | tuple):
        return []
    if len(value) > NAMES_LIMIT:
        raise InvalidError(f"more than {NAMES_LIMIT} names in one list; use `tell`")
    return list(value)


def _counted(value: Any) -> tuple[list[Any], int]:
    """The actors at hand, and how many there are: of a digest, or of a list."""
    if isinstance(value, dict):
        actors = _listed(value["actors"]) if "actors" in value else []
        if "actor_count" in value and type(value["actor_count"]) is int:
            return actors, max(0, value["actor_count"])
        return actors, len(actors)
    if isinstance(value, list | tuple):
        return list(value[:NAMES_LIMIT]), len(value)
    return [], 0


def _number_of(value: Any) -> int | Decimal | None:
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return value
    if isinstance(value, float):
        if not math.isfinite(value):
            return None
        # As it is written, not as it is stored: 1e60 and not the nearest number to it.
        return int(Decimal(repr(value))) if value.is_integer() else Decimal(repr(value))
    if isinstance(value, str) and _NUMBER.fullmatch(value):
        return Decimal(value) if "." in value else int(value)
    return None


def _as_text(value: Any) -> str:
    if value is None or isinstance(value, dict | list | tuple):
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)

"""What filters may be given, checked when a template is compiled."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from itertools import starmap

from jinja2 import nodes

from clarion.content import filters
from clarion.core.suggestion import nearest, suggestion

CATEGORIES = ("zero", "one", "two", "few", "many", "other")
"""Plural categories of CLDR (UTS #35 part 3, Language Plural Rules)."""

PLACEHOLDER = re.compile(r"\{([^{}]*)\}")
OTHERS = "others_"
"""What the forms of `tell` begin with that are chosen by how many are not named."""

_FORM = re.compile(r"(?:others_)?(?:zero|one|two|few|many|other|exactly_[0-9]{1,9})")
_GIVEN = {"plural": ("n",), "tell": ("n", "names", "others")}
_REQUIRED = {"plural": ("other",), "tell": ("other", "others_other")}
_FALL_BACK = {
    "other": "every number without a form of its own falls back to it",
    "others_other": 'it is said when not all are named: "{names} and {others} others ..."',
}
_OPTIONS = ("you", "someone", "former", "length")
_VALUES_LIMIT = 4
_LARGEST_LENGTH = 200
_MOST_DECIMALS = 10


def complaint(node: nodes.Filter) -> str | None:
    """What is wrong with the arguments of a known filter; None when nothing is."""
    check = _CHECKS.get(node.name)
    return check(node) if check is not None else None


def categories(node: nodes.Filter) -> tuple[str, ...]:
    """The plural categories a filter has forms for."""
    keys = [key.removeprefix(OTHERS) for key, _ in _named(node)]
    return tuple(dict.fromkeys(key for key in keys if key in CATEGORIES))


def is_worded(node: nodes.Filter) -> bool:
    """Whether what the filter says depends on the locale."""
    if node.name == "date":
        given = _given(node)
        return bool(given) and _text(given[0]) in filters.STYLES
    return node.name in filters.WORDED


def names_people(node: nodes.Filter) -> bool:
    """Whether it calls the reader by another word than everybody else."""
    is_silenced = any(key == "you" and _is_none(value) for key, value in _named(node))
    return node.name in ("names", "tell") and not is_silenced


def _join(node: nodes.Filter) -> str | None:
    if not all(isinstance(part, nodes.Const) for part in _given(node)):
        return f"what `{node.name}` is given must be written in the template"
    if node.name == "join" and any(len(str(part.as_const())) > 32 for part in _given(node)):
        return "the text between joined values is over 32 characters"
    return None


def _date(node: nodes.Filter) -> str | None:
    given = _given(node)
    if not given:
        return None
    pattern = _text(given[0])
    if pattern is None:
        return 'write the pattern of `date` as text: date("%d.%m.%Y")'
    if unknown := filters.bad_directive(pattern):
        return f"`date` does not know `{unknown}`; it knows %Y %m %d %H %M %S"
    return None


def _style(node: nodes.Filter) -> str | None:
    given = _given(node)
    if given and _text(given[0]) not in filters.STYLES:
        known = suggestion(str(_text(given[0]) or ""), filters.STYLES)
        return f'`{node.name}` is given a style, as in {node.name}("short", user.timezone){known}'
    return None


def _number(node: nodes.Filter) -> str | None:
    if any(key != "decimals" for key, _ in _named(node)) or len(_given(node)) > 1:
        return "`number` takes only `decimals`, as in number(2)"
    if any(_whole(part) not in range(_MOST_DECIMALS + 1) for part in _given(node)):
        return f"`number` shows 0 to {_MOST_DECIMALS} decimals; write how many: number(2)"
    return None


def _names(node: nodes.Filter) -> str | None:
    if node.args:
        return '`names` takes named arguments, as in names(length=20, someone="A guest")'
    for key, _ in _named(node):
        if key not in _OPTIONS:
            return f"`names` takes no `{key}`{suggestion(key, _OPTIONS)}"
    return next(filter(None, starmap(_option, _named(node))), None)


def _option(key: str, value: nodes.Expr) -> str | None:
    if key == "length":
        if _whole(value) not in range(1, _LARGEST_LENGTH + 1):
            return f"`length` is a number from 1 to {_LARGEST_LENGTH}, written in the template"
    elif _text(value) is None and not (key == "you" and _is_none(value)):
        return f'`{key}` is a text written in the template, as in {key}="A guest"'
    return None


def _message(node: nodes.Filter) -> str | None:
    if node.args:
        return f'give the forms of `{node.name}` by name: {node.name}(one="...", other="...")'
    options = {k: v for k, v in _named(node) if node.name == "tell" and k in _OPTIONS}
    forms = {key: value for key, value in _named(node) if _is_form(node.name, key)}
    values = [key for key, _ in _named(node) if key not in options and key not in forms]
    for key, value in forms.items():
        if _text(value) is None:
            return f"the form `{key}` is a text written in the template"
    texts = {key: _text(value) or "" for key, value in forms.items()}
    wrong = next(filter(None, starmap(_option, options.items())), None)
    return (
        wrong or _wrong_values(node.name, values, texts) or _wrong_forms(node.name, values, texts)
    )


def _is_form(name: str, key: str) -> bool:
    return _FORM.fullmatch(key) is not None and (name == "tell" or not key.startswith(OTHERS))


def _wrong_values(name: str, values: list[str], texts: dict[str, str]) -> str | None:
    shown = {word for text in texts.values() for word in PLACEHOLDER.findall(text)}
    for value in values:
        if value in _GIVEN[name]:
            return f"`{name}` fills in {{{value}}} by itself; give the value another name"
        if value not in shown:
            forms = [*CATEGORIES, *(_REQUIRED[name]), *(OTHERS + each for each in CATEGORIES)]
            near = nearest(value, forms if name == "tell" else CATEGORIES)
            mend = f"did you mean `{near}`? Else " if near else ""
            problem = f"`{value}` is no form of `{name}` and shown in none"
            return f"{problem}; {mend}write {{{value}}} in one"
    if len(values) > _VALUES_LIMIT:
        return f"`{name}` takes at most {_VALUES_LIMIT} values beside its forms"
    return None


def _wrong_forms(name: str, values: list[str], texts: dict[str, str]) -> str | None:
    known = (*_GIVEN[name], *values)
    for form, text in texts.items():
        for word, times in Counter(PLACEHOLDER.findall(text)).items():
            if word not in known or (word == "others" and not form.startswith(OTHERS)):
                return f"the form `{form}` shows {{{word}}}, which it is not given" + suggestion(
                    word, [f"{{{each}}}" for each in known]
                )
            if times > 1:
                return f"the form `{form}` shows {{{word}}} twice; once is possible"
    for form in _REQUIRED[name]:
        if form not in texts:
            return f'`{name}` lacks the form `{form}`; add {form}="...", as {_FALL_BACK[form]}'
    return None


def _given(node: nodes.Filter) -> list[nodes.Expr]:
    return [*node.args, *(pair.value for pair in node.kwargs)]


def _named(node: nodes.Filter) -> list[tuple[str, nodes.Expr]]:
    return [(str(pair.key), pair.value) for pair in node.kwargs]


def _text(node: nodes.Expr) -> str | None:
    return node.value if isinstance(node, nodes.Const) and isinstance(node.value, str) else None


def _whole(node: nodes.Expr) -> int:
    is_whole = isinstance(node, nodes.Const) and type(node.value) is int
    return int(node.as_const()) if is_whole else -1


def _is_none(node: nodes.Expr) -> bool:
    return isinstance(node, nodes.Const) and node.value is None


_CHECKS: dict[str, Callable[[nodes.Filter], str | None]] = {
    "join": _join,
    "truncate": _join,
    "date": _date,
    "time": _style,
    "datetime": _style,
    "number": _number,
    "names": _names,
    "plural": _message,
    "tell": _message,
}

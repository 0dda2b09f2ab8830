"""The logic-light subset of Jinja of templates, held by walking the tree of Jinja's parser."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import msgspec
from jinja2 import Environment, nodes
from jinja2.exceptions import TemplateSyntaxError

from clarion.content import arguments, bounds, filters
from clarion.content.place import Place
from clarion.core.links import LINK_NAMES
from clarion.core.suggestion import suggestion
from clarion.errors import InvalidError

NAMES = frozenset({"user", "actor", "data", "event", "tenant", "digest", "now"}) | LINK_NAMES
"""Names in scope of every template."""

PERSONAL = frozenset({"user", "digest"}) | LINK_NAMES
"""Names whose values differ from one recipient to the next."""

_PERSON = frozenset({"id", "name", "email", "phone", "locale", "timezone", "roles", "data"})
FIELDS = {
    "user": _PERSON,
    "actor": _PERSON,
    "event": frozenset({"id", "type", "accepted_at"}),
    "tenant": frozenset({"id"}),
}
"""All there ever is below these names; what a sender keeps of a user is below `user.data`."""

DIGEST = "digest"

Path = tuple[str | int, ...]

_METHODS = frozenset(name for name in dir(dict) if not name.startswith("_"))
_PARSER = Environment(autoescape=False)  # noqa: S701 (it only parses)
_SAYS: dict[type[nodes.Node], str] = {
    nodes.Assign: "`set` is not available; compute the value before sending it as data",
    nodes.AssignBlock: "`set` is not available; compute the value before sending it as data",
    nodes.Call: "calls are not available; use a filter, as in {{ data.name|upper }}",
    nodes.Concat: "`~` is not available; write two outputs, as in {{ data.a }}{{ data.b }}",
    nodes.Mul: "`*` is not available; compute the value before sending it as data",
    nodes.Pow: "`**` is not available; compute the value before sending it as data",
    nodes.Include: "`include` is not available; use a layout with `extends` and `block`",
    nodes.Import: "`import` is not available; use a layout with `extends` and `block`",
    nodes.FromImport: "`import` is not available; use a layout with `extends` and `block`",
    nodes.Macro: "macros are not available; use a layout with `extends` and `block`",
    nodes.CallBlock: "macros are not available; use a layout with `extends` and `block`",
    nodes.With: "`with` is not available; write the whole name instead",
    nodes.FilterBlock: "`filter` blocks are not available; put the filter on each output",
    nodes.Scope: "`autoescape` cannot be changed",
}
_BINARY = (nodes.Add, nodes.Sub, nodes.Div, nodes.FloorDiv, nodes.Mod)


class Reading(msgspec.Struct):
    """What a template was found to do.

    `roots` are the names in scope it mentions; `reads` the paths below them; `certain` those it
    cannot do without. `hides` is True when a key could be taken for a method of Python's mappings.
    `forgiving`: it has a filter that takes what is undefined for nothing instead of saying so.
    `worded` are the filters that depend on the locale: line, name, plural categories they mention.
    `looped_chars` is the text inside loops, `looped_filters` the most filters in one expression
    inside them; `single` says that it is one output and no more.
    """

    roots: set[str] = msgspec.field(default_factory=set)
    reads: set[Path] = msgspec.field(default_factory=set)
    certain: dict[Path, None] = msgspec.field(default_factory=dict)
    hides: bool = False
    looped_chars: int = 0
    looped_filters: int = 0
    outputs: int = 0
    forgiving: bool = False
    worded: list[tuple[int, str, tuple[str, ...]]] = msgspec.field(default_factory=list)
    single: bool = False


def read(
    source: str, place: Place, limit: int = bounds.SOURCE_CHARS, layout: bool = False
) -> Reading:
    """Check a source against the subset; InvalidError with the line of what is not in it.

    Only where `layout` is True may it hold `extends`, `block` and `super()`.
    """
    if len(source) > limit:
        raise place.error(f"it is over {limit} characters")
    try:
        tree = _PARSER.parse(source)
        walker = _Walker(place, layout)
        walker.statements(tree.body)
    except TemplateSyntaxError as mistake:
        raise place.error(mistake.message or "not a template", mistake.lineno) from None
    except RecursionError:
        raise place.error("it nests too deeply; make it flatter") from None
    except ValueError:
        raise place.error("it holds a number that is too long") from None
    reading = walker.reading
    reading.single = _is_single(tree.body)
    return reading


def _is_single(body: list[nodes.Node]) -> bool:
    if len(body) != 1 or not isinstance(body[0], nodes.Output):
        return False
    found = body[0].nodes
    return len(found) == 1 and not isinstance(found[0], nodes.TemplateData)


class _Walker:
    def __init__(self, place: Place, layout: bool) -> None:
        self.place = place
        self.layout = layout
        self.reading = Reading()
        self.names: list[str] = []
        self.loops = 0
        self.depth = 0
        self.level = 0
        self.certain = True
        self.used: Counter[str] = Counter()

    def statements(self, body: list[nodes.Node]) -> None:
        for node in body:
            self.statement(node)

    def statement(self, node: nodes.Node) -> None:
        if isinstance(node, nodes.Output):
            for part in node.nodes:
                self._output(part)
        elif isinstance(node, nodes.If):
            self._if(node)
        elif isinstance(node, nodes.For):
            self._for(node)
        elif isinstance(node, nodes.Block) and self.layout:
            with self._deeper(node):
                self.statements(node.body)
        elif not (isinstance(node, nodes.Extends) and self.layout):
            raise self._refusal(node)

    def _output(self, node: nodes.Expr | nodes.Node) -> None:
        if isinstance(node, nodes.TemplateData):
            self.reading.looped_chars += len(node.data) if self.loops else 0
            return
        self.reading.outputs += 1
        if self.reading.outputs > bounds.OUTPUTS_LIMIT:
            raise self._error(node, f"more than {bounds.OUTPUTS_LIMIT} outputs; make it shorter")
        if self.layout and _is_super(node):
            return
        self.expression(node)

    def _if(self, node: nodes.If) -> None:
        if len(node.elif_) > bounds.ELIF_LIMIT:
            raise self._error(node, f"more than {bounds.ELIF_LIMIT} `elif`; compute it as data")
        with self._deeper(node), self._maybe():
            for branch in (node, *node.elif_):
                self.expression(branch.test)
                self.statements(branch.body)
            self.statements(node.else_)

    def _for(self, node: nodes.For) -> None:
        if node.recursive:
            raise self._error(node, "recursive loops are not available")
        if self.loops >= bounds.FOR_DEPTH:
            raise self._error(node, f"loops nest at most {bounds.FOR_DEPTH} deep")
        self.expression(node.iter)
        names = self._targets(node.target)
        with self._deeper(node), self._maybe():
            self.loops += 1
            self.names += [*names, "loop"]
            if node.test is not None:
                self.expression(node.test)
            self.statements(node.body)
            del self.names[-len(names) - 1 :]
            self.loops -= 1
            self.statements(node.else_)

    def _targets(self, target: nodes.Node) -> list[str]:
        found = target.items if isinstance(target, nodes.Tuple) else [target]
        names = [part.name for part in found if isinstance(part, nodes.Name)]
        if len(names) != len(found) or any(n in NAMES or n[0] == "_" for n in names):
            hint = "give the loop a name of its own, as in {% for item in data.items %}"
            raise self._error(target, hint)
        return names

    def expression(self, node: nodes.Node) -> None:
        if self.level == 0:
            self.used.clear()
        with self._nested(node):
            handler = _EXPRESSIONS.get(type(node))
            if handler is None:
                raise self._refusal(node)
            handler(self, node)

    def children(self, node: nodes.Node) -> None:
        for child in node.iter_child_nodes():
            self.expression(child)

    def doubtful(self, node: nodes.Node) -> None:
        with self._maybe():
            self.children(node)

    def binary(self, node: nodes.Node) -> None:
        self.used["arithmetic"] += 1
        if self.used["arithmetic"] > bounds.ADDITIONS_LIMIT:
            raise self._error(node, "too much arithmetic; compute the value before sending it")
        self.children(node)

    def constant(self, node: nodes.Const) -> None:
        if isinstance(node.value, str) and len(node.value) > bounds.LITERAL_CHARS:
            raise self._error(node, f"a text in quotes is over {bounds.LITERAL_CHARS} characters")

    def name(self, node: nodes.Name) -> None:
        self._touch((node.name,), node)

    def getattr(self, node: nodes.Getattr) -> None:
        self._step(node, node.attr)

    def getitem(self, node: nodes.Getitem) -> None:
        key = node.arg.value if isinstance(node.arg, nodes.Const) else None
        if isinstance(key, str) or (isinstance(key, int) and not isinstance(key, bool)):
            self._step(node, key)
            return
        self.reading.hides = True
        self.expression(node.node)
        if isinstance(node.arg, nodes.Slice):
            self.children(node.arg)
        else:
            self.expression(node.arg)

    def _step(self, node: nodes.Getattr | nodes.Getitem, key: str | int) -> None:
        path = _path(node)
        for part in path[1:] if path else (key,):
            if str(part).startswith("_"):
                raise self._error(node, f"`{part}` starts with `_`: such names cannot be read")
            self.reading.hides |= part in _METHODS
        if path:
            self._touch(path, node)
        else:
            self.expression(node.node)

    def _touch(self, path: Path, node: nodes.Node) -> None:
        root = str(path[0])
        if root in self.names:
            return
        if root not in NAMES:
            known = suggestion(root, {*NAMES, *self.names})
            raise self._error(node, f"`{root}` is not a name in scope{known}")
        fields = FIELDS.get(root)
        if fields and len(path) > 1 and path[1] not in fields:
            known = suggestion(str(path[1]), fields)
            raise self._error(node, f"`{root}` has no `{path[1]}`{known}")
        self.reading.roots.add(root)
        self.reading.reads.add(path)
        if self.certain:
            self.reading.certain[path] = None

    def filter(self, node: nodes.Filter) -> None:
        if node.name not in filters.FILTERS:
            known = suggestion(node.name, filters.FILTERS)
            raise self._error(node, f"unknown filter `{node.name}`{known}")
        # Joining the letters of what was joined grows without end, so an expression joins once.
        self.used.update(("filters", node.name))
        if self.used["filters"] > bounds.FILTERS_LIMIT or self.used["join"] > 1:
            raise self._error(node, "too many filters in one expression; compute it as data")
        self.reading.forgiving |= node.name in filters.FORGIVING
        if self.loops:
            in_one = max(self.reading.looped_filters, self.used["filters"])
            self.reading.looped_filters = in_one
        self._check_arguments(node)
        if node.node is None:
            raise self._refusal(node)
        self._note_wording(node)
        self._filtered(node)

    def _check_arguments(self, node: nodes.Filter) -> None:
        if node.dyn_args is not None or node.dyn_kwargs is not None:
            raise self._error(node, "`*` before an argument is not available")
        if wrong := arguments.complaint(node):
            raise self._error(node, wrong)

    def _note_wording(self, node: nodes.Filter) -> None:
        if arguments.is_worded(node):
            self.reading.worded.append((node.lineno, node.name, arguments.categories(node)))
        if arguments.names_people(node):
            self.reading.roots.add("user")
            self.reading.reads.add(("user", "id"))

    def _filtered(self, node: nodes.Filter) -> None:
        if node.name in ("default", "d"):
            self.doubtful(node)
        elif node.name == "tell" and isinstance(node.node, nodes.Name) and node.node.name == DIGEST:
            # It looks at these two only; all of a digest is a great deal of data.
            for part in ("actors", "actor_count"):
                self._touch((DIGEST, part), node)
            for pair in node.kwargs:
                self.expression(pair)
        else:
            self.children(node)

    def test(self, node: nodes.Test) -> None:
        if node.name not in filters.TESTS:
            known = suggestion(node.name, filters.TESTS)
            raise self._error(node, f"unknown test `{node.name}`{known}")
        if node.dyn_args is not None or node.dyn_kwargs is not None:
            raise self._error(node, "`*` before an argument is not available")
        self.doubtful(node)

    def _refusal(self, node: nodes.Node) -> InvalidError:
        if _is_super(node):
            return self._error(node, "write super() alone, inside a block: {{ super() }}")
        says = _SAYS.get(type(node), f"`{type(node).__name__.lower()}` is not available here")
        return self._error(node, says)

    def _error(self, node: nodes.Node, problem: str) -> InvalidError:
        return self.place.error(problem, node.lineno)

    @contextmanager
    def _maybe(self) -> Iterator[None]:
        before, self.certain = self.certain, False
        yield
        self.certain = before

    @contextmanager
    def _deeper(self, node: nodes.Node) -> Iterator[None]:
        self.depth += 1
        if self.depth > bounds.STATEMENT_DEPTH:
            raise self._error(node, "`if`, `for` and `block` nest too deeply; make it flatter")
        yield
        self.depth -= 1

    @contextmanager
    def _nested(self, node: nodes.Node) -> Iterator[None]:
        self.level += 1
        if self.level > bounds.EXPRESSION_DEPTH:
            raise self._error(node, "the expression nests too deeply; compute it before sending it")
        yield
        self.level -= 1


_EXPRESSIONS: dict[type[nodes.Node], Any] = {
    nodes.Const: _Walker.constant,
    nodes.Name: _Walker.name,
    nodes.Getattr: _Walker.getattr,
    nodes.Getitem: _Walker.getitem,
    nodes.Filter: _Walker.filter,
    nodes.Test: _Walker.test,
    nodes.List: _Walker.children,
    nodes.Tuple: _Walker.children,
    nodes.Dict: _Walker.children,
    nodes.Pair: _Walker.children,
    nodes.Keyword: _Walker.children,
    nodes.Operand: _Walker.children,
    nodes.Compare: _Walker.doubtful,
    nodes.CondExpr: _Walker.doubtful,
    nodes.And: _Walker.doubtful,
    nodes.Or: _Walker.doubtful,
    nodes.Not: _Walker.doubtful,
    nodes.Neg: _Walker.children,
    nodes.Pos: _Walker.children,
    **dict.fromkeys(_BINARY, _Walker.binary),
}


def _is_super(node: nodes.Node) -> bool:
    return (
        isinstance(node, nodes.Call)
        and isinstance(node.node, nodes.Name)
        and node.node.name == "super"
        and not (node.args or node.kwargs or node.dyn_args or node.dyn_kwargs)
    )


def _path(node: nodes.Node) -> Path:
    """`data.order.lines[0]` -> its parts; () when it is not a plain path from a name."""
    parts: list[str | int] = []
    while not isinstance(node, nodes.Name):
        if isinstance(node, nodes.Getattr):
            parts.append(node.attr)
        elif isinstance(node, nodes.Getitem) and isinstance(node.arg, nodes.Const):
            parts.append(node.arg.value)
        else:
            return ()
        if len(parts) > bounds.EXPRESSION_DEPTH:
            return ()
        node = node.node
    return (node.name, *reversed(parts))

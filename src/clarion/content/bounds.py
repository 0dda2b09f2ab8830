"""Bounds of templates: what keeps a hostile template, or hostile data, from taking time or memory.

An instruction of the engine costs one fuel whatever it works on, so the fuel of a render shrinks
as the data grows. The engine's recursion is not bounded by fuel: nesting is, when compiling.
"""

from __future__ import annotations

SOURCE_CHARS = 64 * 1024
"""Largest template file or field, and largest template once its layouts are filled in."""

OUTPUT_CHARS = 256 * 1024
"""Largest rendered field; also the most that is written while rendering one."""

VALUE_CHARS = 256 * 1024
"""Largest single string a template may read."""

VALUES_CHARS = 1024 * 1024
"""Most text in all values a template reads."""

VALUES_NODES = 20_000
"""Most values (entries of lists and mappings) a template reads."""

FUEL = 20_000
"""Instructions of one render on small data; one turn of an empty loop takes four."""

WORK = 12_000_000
"""Fuel times weight of the data (times the filters but one of the longest chain inside a
loop) stays under this: about half a second at the very worst."""

WORDING = 400_000
"""Most work of the filters of a locale in one render, in characters of names looked at (half a
microsecond each): to the engine each filter is one instruction."""

LOOPED_CHARS = 64 * 1024 * 1024
"""Fuel times text inside loops stays under this."""

FOR_DEPTH = 2
STATEMENT_DEPTH = 20
EXPRESSION_DEPTH = 32
ELIF_LIMIT = 50
OUTPUTS_LIMIT = 1000
FILTERS_LIMIT = 8
ADDITIONS_LIMIT = 8
LITERAL_CHARS = 1024
LAYOUT_DEPTH = 4
LEAVES_LIMIT = 200
TAGS_LIMIT = 3000
TAG_DEPTH = 256
MJML_DEPTH = 64
"""Elements of a body, and their nesting: the HTML and MJML engines recurse over it."""

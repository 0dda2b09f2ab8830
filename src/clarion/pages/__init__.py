"""Pages that people open by a link, without a login: their preferences, and the way out of a
mail. Plain HTML forms: they work without scripts."""

from clarion.pages.app import Pages

__all__ = ["Pages"]

"""What those who did something are called in a sentence: their names, or the words for those
without one."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from typing import Any

import msgspec

from clarion.content.bidi import set_apart, without_controls
from clarion.content.graphemes import cut

NAME_LENGTH = 40
"""Characters of a name that are shown, as a reader counts them."""

_LOOKED_AT = 1024

_STAND_INS: dict[str, tuple[str, str, str]] = {
    "ar": ("أنت", "شخص ما", "عضو سابق"),
    "cs": ("ty", "někdo", "bývalý člen"),
    "da": ("du", "nogen", "et tidligere medlem"),
    "de": ("du", "jemand", "ein früheres Mitglied"),
    "en": ("you", "someone", "a former member"),
    "es": ("tú", "alguien", "un antiguo miembro"),
    "fi": ("sinä", "joku", "entinen jäsen"),
    "fr": ("vous", "quelqu\u2019un", "un ancien membre"),
    "he": ("את/ה", "מישהו", "חבר לשעבר"),
    "hi": ("आप", "कोई", "एक पूर्व सदस्य"),
    "it": ("tu", "qualcuno", "un ex membro"),
    "ja": ("あなた", "誰か", "退会したメンバー"),
    "ko": ("회원님", "누군가", "탈퇴한 회원"),
    "nb": ("du", "noen", "et tidligere medlem"),
    "nl": ("jij", "iemand", "een voormalig lid"),
    "no": ("du", "noen", "et tidligere medlem"),
    "pl": ("ty", "ktoś", "były członek"),
    "pt": ("você", "alguém", "um antigo membro"),
    "ru": ("вы", "кто-то", "бывший участник"),
    "sv": ("du", "någon", "en tidigare medlem"),
    "tr": ("siz", "birisi", "eski bir üye"),
    "uk": ("ви", "хтось", "колишній учасник"),
    "zh": ("你", "某人", "前成员"),
    "zh_Hant": ("你", "某人", "前成員"),
}


class StandIns(msgspec.Struct, frozen=True):
    """Words for the reader himself, for somebody without a name, and for somebody erased, as they
    stand within a sentence. Without `you` the reader goes by his name."""

    you: str | None
    someone: str
    former: str


def stand_ins(locale: str) -> StandIns:
    """The words of a locale as Babel spells it (`zh_Hant_TW`), shortened until there are some;
    English ones when there are none."""
    while locale not in _STAND_INS:
        locale = locale.rpartition("_")[0] or "en"
    return StandIns(*_STAND_INS[locale])


class Naming(msgspec.Struct, frozen=True, kw_only=True):
    """How actors are called: `reader` is the id of who reads, `length` the characters of a name.

    `said` are the words of the locale and `chosen` those that the template says instead.
    """

    reader: str | None
    length: int
    is_rtl: bool
    said: StandIns
    chosen: dict[str, str | None]

    def ordered(self, actors: list[Any]) -> list[Any]:
        """The reader first, then the others as they were."""
        if self._word("you") is None:
            return actors
        return sorted(actors, key=lambda actor: not self._is_reader(actor))

    def names(self, actors: Iterable[Any], opens_sentence: bool) -> list[str]:
        """What each is called; the first begins with a capital if it opens the sentence."""
        return [self._name(actor, opens_sentence and i == 0) for i, actor in enumerate(actors)]

    def _name(self, actor: Any, is_first: bool) -> str:
        kind = "someone"
        if self._is_reader(actor) and self._word("you") is not None:
            kind = "you"
        elif isinstance(actor, dict) and "erased" in actor and actor["erased"] is True:
            kind = "former"
        elif name := _cleaned(actor):
            return set_apart(cut(name, self.length), self.is_rtl)
        word = self._word(kind) or ""
        if kind not in self.chosen and is_first:
            word = word[:1].upper() + word[1:]
        return set_apart(word, self.is_rtl)

    def _is_reader(self, actor: Any) -> bool:
        if self.reader is None or not isinstance(actor, dict):
            return False
        return "id" in actor and actor["id"] == self.reader

    def _word(self, kind: str) -> str | None:
        word: str | None = getattr(self.said, kind)
        return self.chosen.get(kind, word)


def looked_at(actor: Any) -> int:
    """How many characters of an actor's name are looked at to show it."""
    return min(_LOOKED_AT, len(_raw(actor)))


def _cleaned(actor: Any) -> str:
    """An actor's name on one line, without what does not show; empty when there is none."""
    line = " ".join(without_controls(_raw(actor)[:_LOOKED_AT]).split())
    return "".join(c for c in line if unicodedata.category(c) not in ("Cc", "Cs", "Zl", "Zp"))


def _raw(actor: Any) -> str:
    name = actor["name"] if isinstance(actor, dict) and "name" in actor else actor
    return name if isinstance(name, str) else ""

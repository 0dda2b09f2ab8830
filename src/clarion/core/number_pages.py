"""Sorted numbers as bytes: each as its distance from the one before, seven bits a byte. Half a
thousand neighbours are half a thousand bytes."""

from __future__ import annotations

from collections.abc import Iterable

_LOW, _MORE = 0x7F, 0x80


def packed(numbers: Iterable[int]) -> bytes:
    """Ascending numbers from 0 on -> bytes. ValueError when they do not ascend."""
    found = bytearray()
    before = -1
    for number in numbers:
        distance = number - before
        if distance <= 0:
            raise ValueError("the numbers have to ascend, each once")
        before = number
        while distance > _LOW:
            found.append(distance & _LOW | _MORE)
            distance >>= 7
        found.append(distance)
    return bytes(found)


def unpacked(raw: bytes) -> list[int]:
    """The numbers again."""
    found: list[int] = []
    number, distance, shift = -1, 0, 0
    for byte in raw:
        distance |= (byte & _LOW) << shift
        if byte & _MORE:
            shift += 7
            continue
        number += distance
        found.append(number)
        distance, shift = 0, 0
    return found

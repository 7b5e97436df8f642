"""The shared file, mapped into memory: words of eight bytes, which are written and read whole.

A header, two copies of the archive of workers that have ended, the keys of all series, and a page for each worker:

    header      magic, commit, bytes of keys, slots that the archive has room for, origin;
                and of each page its epoch, its filled slots, its owner's pid and time of birth
    archive x 2 of each page the last epoch that is in the archive; then its slots
    keys        see tocsin.sdk.workers.keys
    pages       slots, which are 64-bit floats

The file is sparse: it has its whole size from the start, but takes up only what was *filled*. Nothing is written or
read through the map that was not filled before, since a full disk would kill the process there (SIGBUS), while filling
raises OSError.
"""

from __future__ import annotations

import mmap
import os
from array import array

PAGES = 128
SLOTS = 131_072
CHUNK = 8_192
"""Slots that are filled at once."""
KEY_BYTES = 8 << 20
VERSION = 1
"""To be raised whenever the meaning of a byte changes: files of different versions have different names."""

WORD = 8
_BLOCK = 4096 // WORD


def _blocks(words: int) -> int:
    return -(-words // _BLOCK) * _BLOCK


MAGIC, COMMIT, KEYS_USED, RESERVED, ORIGIN, EPOCHS = 0, 1, 2, 3, 4, 8
FILLED = EPOCHS + PAGES
PIDS = FILLED + PAGES
BIRTHS = PIDS + PAGES
ARCHIVE = _blocks(BIRTHS + PAGES)
ARCHIVE_WORDS = _blocks(PAGES + SLOTS)
KEYS = ARCHIVE + 2 * ARCHIVE_WORDS
FIRST_PAGE = KEYS + KEY_BYTES // WORD
WORDS = FIRST_PAGE + PAGES * SLOTS

_SIGN = int.from_bytes(b"tocsin\x00" + bytes([VERSION]), "little")
_ORIGIN_BYTES = slice(ORIGIN * WORD, EPOCHS * WORD)


class Memory:
    """The file behind *descriptor*, as *words* and as *slots* of the same places, and as *raw* bytes.

    It closes *descriptor*, even if it cannot be made.
    """

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        try:
            self.raw = mmap.mmap(descriptor, WORDS * WORD)
        except (OSError, ValueError):
            os.close(descriptor)
            raise
        view = memoryview(self.raw)
        self.words = view.cast("Q")
        self.slots = view.cast("d")

    @classmethod
    def create(cls, descriptor: int, origin: bytes) -> Memory:
        """Make the empty file behind *descriptor* an empty memory.

        Raises:
            OSError: there is no room for it.

        """
        try:
            os.ftruncate(descriptor, WORDS * WORD)
            for first, count in ((0, ARCHIVE), *((ARCHIVE + copy * ARCHIVE_WORDS, PAGES) for copy in range(2))):
                _write(descriptor, first, bytes(count * WORD))
        except OSError:
            os.close(descriptor)
            raise
        memory = cls(descriptor)
        memory.raw[_ORIGIN_BYTES] = origin
        memory.words[MAGIC] = _SIGN
        return memory

    @property
    def complete(self) -> bool:
        """Whether its making was not broken off."""
        return self.words[MAGIC] == _SIGN

    @property
    def origin(self) -> bytes:
        """The 32 bytes that it was created with."""
        return self.raw[_ORIGIN_BYTES]

    def fill(self, first: int, count: int) -> None:
        """Write zeros into *count* words from *first* on, and so take room for them.

        Raises:
            OSError: there is none.

        """
        self.write(first, bytes(count * WORD))

    def write(self, first: int, content: bytes) -> None:
        """Write *content* from the word *first* on.

        Raises:
            OSError: there is no room for it.

        """
        _write(self._descriptor, first, content)

    def copy_words(self, first: int, values: list[int]) -> None:
        """Write *values* from the word *first* on."""
        self.words[first : first + len(values)] = memoryview(array("Q", values))

    def copy_slots(self, first: int, values: list[float]) -> None:
        """Write *values* from the word *first* on."""
        self.slots[first : first + len(values)] = memoryview(array("d", values))

    def close(self) -> None:
        """Close the descriptor; the map goes when nobody uses it any more."""
        os.close(self._descriptor)


def _write(descriptor: int, first: int, content: bytes) -> None:
    written = os.pwrite(descriptor, content, first * WORD)
    if written < len(content):
        raise OSError("there is no room left on the disk")

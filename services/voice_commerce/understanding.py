"""From words to an intent and a product: naive Bayes over words and pairs of words."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from services.shop import Product
from services.voice_commerce.monitoring import UNKNOWN
from services.voice_commerce.phrases import NUMBER, PRODUCT

SMOOTHING = 0.3
"""Added to every count, so that a word never seen with an intent does not rule it out."""
SURE = 0.45
"""The confidence below which a command counts as not understood."""
MOST = 20
"""As many of one product as a command may order."""

_NUMBERS = {
    word: number
    for number, word in enumerate(("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"), 1)
} | {"a": 1, "an": 1}
_WORD = re.compile(r"[a-z]+|\d+")


@dataclass(frozen=True, slots=True)
class Understanding:
    """What a command asks for; *confidence* (0 to 1) is the classifier's own."""

    intent: str
    confidence: float
    product: Product | None
    quantity: int


class Ear:
    """Understands commands about *products*, from example *phrases* for each intent."""

    def __init__(self, phrases: Mapping[str, Iterable[str]], products: Iterable[Product]) -> None:
        self._names = [(_stems(product.name), product) for product in products]
        self._counts = {
            intent: Counter(feature for phrase in examples for feature in _features(phrase.split()))
            for intent, examples in phrases.items()
        }
        self._features = {feature for counts in self._counts.values() for feature in counts}
        self._sizes = {intent: counts.total() for intent, counts in self._counts.items()}

    def understand(self, utterance: str) -> Understanding:
        """Return the intent, the product and the quantity of a command."""
        words = _WORD.findall(utterance.lower().replace("'", ""))
        product, tokens = self._product(words)
        quantity = next((_number(token) for token in tokens if _number(token)), 1)
        tokens = [NUMBER if _number(token) and token not in ("a", "an") else token for token in tokens]
        intent, confidence = self._classify(tokens)
        if confidence < SURE:
            intent = UNKNOWN
        return Understanding(intent, confidence, product, min(quantity, MOST))

    def _product(self, words: Sequence[str]) -> tuple[Product | None, list[str]]:
        """Return the product whose name stands in the command, and the words with it replaced by its placeholder."""
        stems = [_stem(word) for word in words]
        for length in range(min(4, len(words)), 0, -1):
            for start in range(len(words) - length + 1):
                said = tuple(stems[start : start + length])
                for name, product in self._names:
                    if name == said:
                        return product, [*words[:start], PRODUCT, *words[start + length :]]
        return None, list(words)

    def _classify(self, tokens: Sequence[str]) -> tuple[str, float]:
        """Return the likeliest intent and its posterior, less the share of words that were never seen."""
        known = [feature for feature in _features(tokens) if feature in self._features]
        heard = [token for token in tokens if token in self._features]
        if not heard:
            return UNKNOWN, 0.0
        logs = {
            intent: sum(
                math.log((counts[feature] + SMOOTHING) / (self._sizes[intent] + SMOOTHING * len(self._features)))
                for feature in known
            )
            for intent, counts in self._counts.items()
        }
        best = max(logs, key=logs.__getitem__)
        posterior = 1 / sum(math.exp(log - logs[best]) for log in logs.values())
        return best, round(posterior * len(heard) / len(tokens), 4)


def _features(tokens: Sequence[str]) -> list[str]:
    return [*tokens, *(f"{first} {second}" for first, second in pairwise(tokens))]


def _stem(word: str) -> str:
    return word.removesuffix("s")


def _stems(name: str) -> tuple[str, ...]:
    return tuple(_stem(word) for word in name.split())


def _number(token: str) -> int:
    return int(token[:4]) if token.isdigit() else _NUMBERS.get(token, 0)

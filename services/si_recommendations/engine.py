"""Item-based collaborative filtering: who bought this also bought that.

Two products are as similar as the cosine of their columns in the matrix of customers and products
(Sarwar and others, "Item-based collaborative filtering recommendation algorithms", 2001).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from services.shop import Product, Sale

NEIGHBOURS = 3
"""The purchases that are most like a product speak for it."""
RECENT = 2
"""The receipts whose products a customer surely does not need again yet."""
ENOUGH = 0.3
"""The confidence below which a guess from purchases is none."""

Scores = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Recommendation:
    """A product, how sure we are that it is liked (0 to 1), and what says so."""

    product: Product
    confidence: float
    source: Literal["collaborative", "popular"]


class Engine:
    """Learns from sales once, and then answers without any input or output."""

    def __init__(self, products: Iterable[Product], sales: Iterable[Sale]) -> None:
        self.products = tuple(products)
        self._column = {product.id: column for column, product in enumerate(self.products)}
        self._recent: dict[int, list[set[int]]] = {}
        rows: dict[int, Scores] = {}
        self.purchases = 0
        for sale in sales:
            columns = {self._column[line.product.id] for line in sale.lines}
            bought = rows.setdefault(sale.customer.id, np.zeros(len(self.products)))
            bought[list(columns)] = 1.0
            self._recent[sale.customer.id] = [*self._recent.get(sale.customer.id, []), columns][-RECENT:]
            self.purchases += len(columns)
        self._rows = rows
        matrix = np.array(list(rows.values())) if rows else np.zeros((1, len(self.products)))
        self._popularity: Scores = matrix.mean(axis=0)
        self._similarity = _cosines(matrix)

    @property
    def customers(self) -> int:
        """The number of customers whose purchases are known."""
        return len(self._rows)

    def recommend(self, customer_id: int, count: int) -> list[Recommendation]:
        """Return the best products for a customer: by their purchases, filled up by what is popular."""
        taken = {column for columns in self._recent.get(customer_id, []) for column in columns}
        taken.update(column for column, product in enumerate(self.products) if product.sold_out)
        chosen: list[Recommendation] = []
        bought = self._rows.get(customer_id)
        if bought is not None:
            scores = self._scores(bought)
            best = [column for column in _descending(scores) if scores[column] >= ENOUGH and column not in taken]
            chosen = [self._made(column, scores, "collaborative") for column in best[:count]]
            taken.update(best[:count])
        popular = [column for column in _descending(self._popularity) if column not in taken]
        return chosen + [self._made(column, self._popularity, "popular") for column in popular[: count - len(chosen)]]

    def _scores(self, bought: Scores) -> Scores:
        """Return for each product the mean similarity of the purchases that are nearest to it."""
        similar = self._similarity[:, bought > 0]
        nearest: Scores = np.sort(similar, axis=1)[:, -NEIGHBOURS:]
        scores: Scores = nearest.mean(axis=1)
        return scores

    def _made(self, column: int, scores: Scores, source: Literal["collaborative", "popular"]) -> Recommendation:
        return Recommendation(self.products[column], round(float(scores[column]), 4), source)


def _cosines(matrix: Scores) -> Scores:
    """Return the cosines of all pairs of columns; a product says nothing about itself."""
    lengths = np.linalg.norm(matrix, axis=0)
    lengths[lengths == 0] = 1.0
    cosines: Scores = (matrix.T @ matrix) / np.outer(lengths, lengths)
    np.fill_diagonal(cosines, 0.0)
    return cosines


def _descending(scores: Scores) -> list[int]:
    return [int(column) for column in np.argsort(-scores, kind="stable")]

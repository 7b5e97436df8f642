"""The shop that all services serve: products, customers and sales, the same in every process and on every day."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

_RANGE: dict[str, tuple[str, ...]] = {
    "coffee": (
        "dark roast coffee",
        "house blend coffee",
        "decaf coffee",
        "cold brew coffee",
        "espresso beans",
        "filter papers",
        "hand grinder",
        "milk frother",
    ),
    "tea": (
        "green tea",
        "earl grey tea",
        "chamomile tea",
        "masala chai",
        "matcha powder",
        "bamboo whisk",
        "glass teapot",
        "tea strainer",
    ),
    "chocolate": (
        "milk chocolate bar",
        "dark chocolate bar",
        "hazelnut truffles",
        "sea salt caramels",
        "cocoa powder",
        "chocolate almonds",
        "drinking chocolate",
        "praline box",
    ),
    "candles": (
        "lavender candle",
        "cedar candle",
        "beeswax candle",
        "tea lights",
        "brass candlestick",
        "wick trimmer",
        "scented wax melts",
        "glass lantern",
    ),
    "garden": (
        "tomato seeds",
        "basil seeds",
        "potting soil",
        "terracotta pot",
        "watering can",
        "pruning shears",
        "garden gloves",
        "plant labels",
    ),
    "paper": (
        "dotted notebook",
        "sketch pad",
        "fountain pen",
        "blue ink",
        "washi tape",
        "greeting cards",
        "wrapping paper",
        "brush pens",
    ),
}
_SOLD_OUT = ("cold brew coffee", "wrapping paper")
_FIRST_NAMES = ("Ada", "Ben", "Chiara", "Dev", "Elif", "Femi", "Greta", "Hugo", "Ines", "Jun", "Kofi", "Lena")
_LAST_NAMES = ("Abel", "Brandt", "Castro", "Dietz", "Eriksen", "Fontaine", "Garcia", "Huber", "Ito", "Jansen")
_CITIES = ("Austin", "Dallas", "Houston", "San Antonio", "El Paso")

REGULARS = 400
"""Customers 1 to 400 buy; the shop sells to nobody else."""
NEWCOMERS = 40
"""Customers 401 to 440 have registered, and bought nothing yet."""
HISTORY = 6000
"""The first sales, which profiles and recommendations are made from."""


@dataclass(frozen=True, slots=True)
class Product:
    """Something on the shelf; the price is in cents."""

    id: int
    name: str
    category: str
    price: int
    sold_out: bool


@dataclass(frozen=True, slots=True)
class Customer:
    """Somebody with a customer card, and the two categories that they like most."""

    id: int
    name: str
    email: str
    city: str
    favourites: tuple[str, str]


@dataclass(frozen=True, slots=True)
class Line:
    """One product on a receipt; the price is in cents for one."""

    product: Product
    quantity: int


@dataclass(frozen=True, slots=True)
class Sale:
    """A receipt."""

    id: int
    customer: Customer
    lines: tuple[Line, ...]

    @property
    def total(self) -> int:
        """The sum in cents."""
        return sum(line.quantity * line.product.price for line in self.lines)


CATEGORIES = tuple(_RANGE)


def _dice(number: int) -> Random:
    """Return chance that falls the same way for the same number."""
    return Random(number)  # noqa: S311 - goods and receipts, not secrets


def _products() -> tuple[Product, ...]:
    named = [(category, name) for category, names in _RANGE.items() for name in names]
    return tuple(
        Product(number, name, category, _dice(number).randrange(290, 3900, 10), name in _SOLD_OUT)
        for number, (category, name) in enumerate(named, 1)
    )


def _customer(number: int) -> Customer:
    rng = _dice(number)
    first, last = rng.choice(_FIRST_NAMES), rng.choice(_LAST_NAMES)
    favourite, second = rng.sample(CATEGORIES, 2)
    email = f"{first}.{last}.{number}@example.com".lower()
    return Customer(number, f"{first} {last}", email, rng.choice(_CITIES), (favourite, second))


PRODUCTS = _products()
CUSTOMERS = tuple(_customer(number) for number in range(1, REGULARS + NEWCOMERS + 1))
_SHELVES = {category: tuple(p for p in PRODUCTS if p.category == category) for category in CATEGORIES}


def sale(number: int) -> Sale:
    """Return the sale with this number; most of its lines are from the customer's favourite categories."""
    rng = _dice(number)
    customer = CUSTOMERS[rng.randrange(REGULARS)]
    basket: dict[int, Line] = {}
    for _ in range(rng.choice((1, 2, 2, 3, 4))):
        favourite, second = customer.favourites
        category = rng.choices((favourite, second, rng.choice(CATEGORIES)), (60, 35, 5))[0]
        product = rng.choice(_SHELVES[category])
        basket[product.id] = Line(product, rng.choice((1, 1, 1, 2, 3)))
    return Sale(number, customer, tuple(basket.values()))


def history() -> list[Sale]:
    """Return the sales that are known when a service starts."""
    return [sale(number) for number in range(1, HISTORY + 1)]

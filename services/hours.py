"""When the shop is open."""

from tocsin import Hours

SHOP = Hours("shop", "America/Chicago", {"mon-sat": "09:00-21:00", "sun": "10:00-18:00"})

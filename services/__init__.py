"""The five services of the shop, and the catalog that watches them."""

"""A Lightspeed-like API of the shop: sales by page, behind a token and a rate limit."""

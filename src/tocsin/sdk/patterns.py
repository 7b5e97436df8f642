"""Secrets and personal data that are known by their form: e-mail addresses, phone and card numbers, credentials.

Sources: E.164 (at most 15 digits after the +), the North American Numbering Plan's 3-3-4, ISO/IEC 7812 (card numbers:
13 to 19 digits, Luhn's check digit, the issuers' first digits), RFC 7515 (a JWT's header begins with eyJ, which is {" in
base64), RFC 6750 and RFC 7617 (Bearer and Basic), RFC 3986 (userinfo in a URL). Every pattern is linear in its text.
"""

from __future__ import annotations

import base64
import binascii
import re

from tocsin.sdk.assignments import REDACTED

_EMAIL = re.compile(r"(?<![\w.+%'/-])[\w.+%'/-]++(?:@|(?<=(?!%40)...)%40)", re.DOTALL)

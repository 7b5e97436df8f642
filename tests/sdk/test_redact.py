from __future__ import annotations

import base64
import collections
import copy
import dataclasses
import datetime as dt
import decimal
import enum
import json
import random
import re
import urllib.parse
import uuid
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple, NoReturn

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.model.forms import is_card, suspicious
from tocsin.sdk.redact import CUT, CYCLE, LONGEST, Redactor

REDACTOR = Redactor(declared=("customerRef", "loyalty-number"))

# What is planted, and must not come out.

ALPHABET = "abcdefghjkmnpqrstuvwxyzABCDEFGHJKMNPQRSTUVWXYZ23456789"
opaque = st.text(ALPHABET, min_size=8, max_size=20).map(lambda text: f"Zq{text}9")
labels = st.text("abcdefghijklmnopqrstuvwxyz0123456789", min_size=1, max_size=8)
emails = st.builds(
    lambda parts, at, domain, top: f"{'.'.join(parts)}{at}{domain}.{top}",
    st.lists(st.text("abcXYZ019_+-", min_size=1, max_size=8), min_size=1, max_size=3),
    st.sampled_from(["@", "%40"]),
    labels,
    st.sampled_from(["com", "CH", "co.uk", "museum", "xn--p1ai", "рф"]),
)
ISSUERS = ("4", "34", "37", "51", "55", "2221", "2720", "6011", "65", "3528", "36", "300", "62", "6304", "2200")
LENGTHS = {"4": (13, 16, 19), "34": (15,), "37": (15,), "36": (14,), "300": (14,)}


def luhn(digits: str) -> str:
    return next(digits + str(last) for last in range(10) if is_checked(digits + str(last)))


def is_checked(digits: str) -> bool:
    """Luhn, as a sum of what each digit counts, from the right."""
    counted = [int(digit) * (1 + place % 2) for place, digit in enumerate(reversed(digits))]
    return sum(number - 9 if number > 9 else number for number in counted) % 10 == 0


@st.composite
def card_numbers(draw: st.DrawFn) -> str:
    issuer = draw(st.sampled_from(ISSUERS))
    length = draw(st.sampled_from(LENGTHS.get(issuer, (16,))))
    missing = length - len(issuer) - 1
    return luhn(issuer + draw(st.text("0123456789", min_size=missing, max_size=missing)))


def spaced(digits: str, mark: str) -> str:
    return mark.join(digits[at : at + 4] for at in range(0, len(digits), 4))


cards = st.builds(spaced, card_numbers(), st.sampled_from(["", " ", "-"]))
phones = st.one_of(
    st.from_regex(r"\+[1-9][0-9]{8,13}", fullmatch=True),
    st.from_regex(r"\+[1-9][0-9] \(0\)[1-9][0-9]{2} [0-9]{3} [0-9]{2} [0-9]{2}", fullmatch=True),
    st.from_regex(r"\+[1-9][0-9]([ .-])[0-9]{3}\1[0-9]{4}", fullmatch=True),
    st.from_regex(r"(1[ -])?\([2-9][0-9]{2}\) ?[0-9]{3}-[0-9]{4}", fullmatch=True),
    st.from_regex(r"[2-9][0-9]{2}([.-])[0-9]{3}\1[0-9]{4}", fullmatch=True),
)
encoded = st.binary(min_size=6, max_size=40).map(lambda raw: base64.urlsafe_b64encode(raw).decode().rstrip("="))
jwts = st.builds(
    lambda kind, claims, signature: f"{encode_json({'alg': kind})}.{encode_json({'sub': claims})}.{signature}",
    st.sampled_from(["HS256", "RS256", "none"]),
    st.text(max_size=20),
    encoded,
)
formed = st.one_of(emails, cards, phones, jwts)


def encode_json(value: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


CASES: tuple[Callable[[str], str], ...] = (
    str.lower,
    str.upper,
    str.title,
    str.swapcase,
    lambda name: "".join(letter.upper() if at % 3 else letter for at, letter in enumerate(name)),
)
WORDS = ("authorization", "cookie", "token", "password", "passwd", "secret", "session", "csrf", "credential", "dsn")
MORE = ("set cookie", "x api key", "api key", "private key", "loyalty number", "customer ref")
BEFORE = ("", "user ", "x ", "db 2 ", "my ")
AFTER = ("", " old", "s", " 2")


@st.composite
def secret_names(draw: st.DrawFn) -> str:
    """A secret name: compound, with any separators, in a case that leaves its words whole."""
    name = draw(st.sampled_from(BEFORE)) + draw(st.sampled_from(WORDS + MORE)) + draw(st.sampled_from(AFTER))
    if draw(st.booleans()):
        first, *rest = str(name).split(" ")
        return first + "".join(word.capitalize() for word in rest)
    return draw(st.sampled_from(CASES))(name.replace(" ", draw(st.sampled_from(("_", "-", ".", " ", "__")))))


# What must survive.

ORDINARY = (
    "Sale synced in 12.5 ms, 3 items, total 19.99 EUR",
    "The session ended; the password was changed, the token expired.",
    "2024-05-01T12:30:00.123456+02:00 took 1,234,567 ns",
    "Mon, 20 Nov 1995 19:12:08 -0500",
    '127.0.0.1 - - [01/May/2024:12:30:00 +0200] "GET /v1/items/42?page=2 HTTP/1.1" 200 512 1234',
    "order 1234567890 of 1714564800123 at 1714564800123456 and 1714564800123456789",
    "4111111111111112 is no card, nor is 1234-5678-9012-3456, nor 0.4111111111111111",
    "shop at 3:45, ratio 16:9, key: value, name=Ada, a == b, x += 1, 50% off",
    "npm install @scope/package@1.2.3 from user@localhost",
    "http://host:8080/@scope/path?x=1#top and https://[::1]:8080/x@y",
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
    "Basic authentication failed; the bearer token is missing",
    "token_count=5 session_duration: 3.5 password=None has_secret: True",
    "token = CURRENT.set(scope)",
    "the secretary ate cookies, an obsession; the keyboard's tokenizer",
    "+15 degrees, +1500000 rows, 1e+16, delta +123456.789",
    "5 10 20 40 80 160 320 640 1280",
    "can't, won't, 'quoted', \"double\", `ticked`",
    "eyJustAName and x.eyJ",
    "v1.2.3-rc.1 (build 2024.05.01-1230)",
    "Zürich, 東京, Ελλάδα, emoji 🎉, \ud800",
    "",
)
words = st.sampled_from(("sale", "synced", "Zürich", "in", "time", "GET", "/items/{id}", "ok", "42", "19.99", "€"))
stamps = st.datetimes(min_value=dt.datetime(1990, 1, 1), max_value=dt.datetime(2033, 1, 1), timezones=st.just(dt.UTC))  # noqa: DTZ001 - the strategy adds the zone
ordinary_texts = st.one_of(
    st.sampled_from(ORDINARY),
    st.lists(words, max_size=8).map(" ".join),
    st.uuids().map(str),
    stamps.map(lambda stamp: stamp.isoformat()),
    stamps.map(lambda stamp: str(int(stamp.timestamp() * 1000))),
    stamps.map(lambda stamp: str(int(stamp.timestamp()) * 10**9)).filter(lambda text: not is_card(text)),
    st.floats().map(repr),
    st.decimals(min_value=0, max_value=100_000, places=2).map(lambda price: f"${price:,}"),
    st.integers(0, 10**12).map(str),
    st.ip_addresses().map(str).filter(lambda text: not is_card(text.replace(":", ""))),
)
ordinary_names = st.sampled_from(
    ("sale_id", "latency_ms", "route", "key", "keyboard", "author", "status", "passenger", "monkey", "tokenizer", "id")
)
ordinary_values = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(-(10**12), 10**12),
        st.floats(allow_nan=False),
        ordinary_texts,
        ordinary_texts.filter(lambda text: text.isascii()).map(str.encode),
        st.uuids(),
        stamps,
        st.decimals(allow_nan=False, min_value=-1000, max_value=1000),
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.lists(inner, max_size=3).map(tuple),
        st.dictionaries(ordinary_names, inner, max_size=4),
    ),
    max_leaves=12,
)


@dataclasses.dataclass(frozen=True)
class Login:
    user: str
    password: str
    remembered: str = dataclasses.field(repr=False, default="")


class Pair(NamedTuple):
    api_key: str
    user: str


class Colour(enum.Enum):
    RED = "ada@example.com"


class Spelled:
    def __init__(self, text: str) -> None:
        self._text = text

    def __str__(self) -> str:
        return self._text


class Hostile:
    def __str__(self) -> NoReturn:
        raise RuntimeError

    __repr__ = __str__

    def __eq__(self, other: object) -> NoReturn:
        raise RuntimeError

    def __hash__(self) -> NoReturn:
        raise RuntimeError

    @property  # type: ignore[misc]  # isinstance asks for the class, and nothing asks to set it
    def __class__(self) -> NoReturn:  # type: ignore[override]  # as above
        raise RuntimeError


class HostileMapping(dict[str, object]):
    def items(self) -> NoReturn:
        raise RuntimeError

    def values(self) -> NoReturn:
        raise RuntimeError


def within(kind: int, value: Any, others: Sequence[object]) -> object:  # noqa: PLR0911 - one for each kind
    """*value* in a container of some kind."""
    if kind == 0:
        return [*others, value]
    if kind == 1:
        return (value, *others)
    if kind == 2:
        return {"x": value, "others": others}
    if kind == 3:
        return collections.deque([*others, value])
    if kind == 4:
        return collections.ChainMap({"inner": value})
    if kind == 5:
        return Spelled(f"<thing {value!r}>")
    if isinstance(value, str):
        return {value} if kind == 6 else {value: 1}
    return [value] if kind == 6 else {"y": value}


@st.composite
def hidden(draw: st.DrawFn, inner: object) -> object:
    """*inner* somewhere within containers of every kind."""
    value = inner
    for _ in range(draw(st.integers(0, 8))):
        others = draw(st.lists(st.one_of(st.integers(), st.text("abc ", max_size=5)), max_size=2))
        value = within(draw(st.integers(0, 7)), value, others)
    return value


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("password=hunter2", "password=[redacted]"),
        ("password='hunter 2', x=1", "password='[redacted]', x=1"),
        ("Authorization: Digest username=ada, x=y\nnext", "Authorization: [redacted]\nnext"),
        ("Set-Cookie: a=b; Path=/", "Set-Cookie: [redacted]"),
        ("https://u:p@h.com/x?token=abc&y=2", "https://[redacted]@h.com/x?token=[redacted]&y=2"),
        ("postgres://u:p/w#@host/db", "postgres://[redacted]@host/db"),
        ("https://ab12cd@o1.ingest.example/7", "https://[redacted]@o1.ingest.example/7"),
        ("write to ada.l+x@example.co.uk.", "write to [redacted]."),
        ("/users/ada%40example.com/edit", "/users/[redacted]/edit"),
        ("call +49 (0)151 2345678 at 3pm", "call [redacted] at 3pm"),
        ("+49 151 12345678 2024-05-01", "[redacted] 2024-05-01"),
        ("(555) 123-4567 or 555.123.4567.", "[redacted] or [redacted]."),
        ("id 12 4111 1111 1111 1111 3rd", "id 12 [redacted] 3rd"),
        ("card_4111-1111-1111-1111", "card_[redacted]"),
        ('{"api_key": "x\\"y", "b": {"credentials": {"u": [1, 2]}, "k": 1}}', None),
        ('{\\"password\\": \\"hunter2\\", \\"a\\": 1}', '{\\"password\\": \\"[redacted]\\", \\"a\\": 1}'),
        ("(b'authorization', b'Bearer x y')", "(b'authorization', b'[redacted]')"),
        ("mysql --password hunter2 --verbose", "mysql --password [redacted] --verbose"),
        ("['--api-key', 'x']", "['--api-key', '[redacted]']"),
        ("next=%2Flogin%3Fpassword%3Dhunter2%26a%3D1", "next=%2Flogin%3Fpassword%3D[redacted]%26a%3D1"),
        ("user[password]=x&y=1", "user[password]=[redacted]&y=1"),
        ("Wrong API key: sk-123", "Wrong API key: [redacted]"),
        ('secret = """a\nb"""', 'secret = """[redacted]"""'),
        ("phone=5551234567 telephone: 12345", "phone=[redacted] telephone: [redacted]"),
        ("Bearer abcdefgh", "Bearer [redacted]"),
        ("basic dXNlcjpwYXNz", "basic [redacted]"),
        ("customer-ref=A1 LOYALTY_NUMBER: 7", "customer-ref=[redacted] LOYALTY_NUMBER: [redacted]"),
        ("password='cut off", "password='[redacted]"),
        ("password=[redacted] token='[redacted]'", "password=[redacted] token='[redacted]'"),
    ],
)
def test_a_secret_leaves_the_text_around_it(text: str, expected: str | None) -> None:
    expected = expected or '{"api_key": "[redacted]", "b": {"credentials": [redacted], "k": 1}}'

    assert REDACTOR.text(text) == expected
    assert REDACTOR.text(expected) == expected


@pytest.mark.parametrize("text", ORDINARY)
def test_ordinary_text_survives(text: str) -> None:
    assert REDACTOR.text(text) == text


@given(st.lists(ordinary_texts, max_size=4).map(" · ".join))
def test_ordinary_texts_survive_together(text: str) -> None:
    assert REDACTOR.text(text) == text


@given(ordinary_values)
def test_ordinary_values_survive_and_are_not_changed(value: object) -> None:
    before = copy.deepcopy(value)

    assert REDACTOR.value(value) == before
    assert value == before


@given(st.one_of(formed, st.builds("{} {}".format, st.sampled_from(("Bearer", "bEARER")), opaque)), ordinary_texts)
def test_no_form_of_a_secret_comes_out_of_a_text(secret: str, text: str) -> None:
    for around in (f"{text} {secret}", f"({secret})", f"{text}, {secret}. {text}", f"a\n'{secret}'", f"/x/{secret}/y"):
        assert secret.removeprefix("Bearer ").removeprefix("bEARER ") not in REDACTOR.text(around)


@given(st.data(), formed, st.booleans())
def test_no_form_of_a_secret_comes_out_of_a_structure(data: st.DataObject, secret: str, as_key: bool) -> None:  # noqa: FBT001 - hypothesis gives it
    value = data.draw(hidden({secret: 1} if as_key else secret))

    assert secret not in repr(REDACTOR.value(value))
    assert secret not in repr(REDACTOR.fields({"value": value}))


@given(st.data(), secret_names(), opaque)
def test_no_secret_comes_out_from_under_its_name(data: st.DataObject, name: str, secret: str) -> None:
    planted = data.draw(st.sampled_from((secret, secret.encode(), [secret], {"a": {"b": secret}}, Spelled(secret))))
    wrapped = data.draw(st.sampled_from(({name: planted}, {name.encode(): planted}, (name, planted), {(name, 1): 2})))
    value = data.draw(hidden(wrapped))

    assert secret not in repr(REDACTOR.value(value))
    assert secret not in repr(REDACTOR.fields({"value": value, name: secret}))
    assert secret not in repr(REDACTOR.fields({name: secret}))


@given(secret_names(), opaque, opaque)
def test_no_secret_comes_out_from_behind_its_name_in_a_text(name: str, secret: str, other: str) -> None:
    name = name.replace(" ", "_")
    nested = {"a": [{name: {"x": [secret, {"y": secret}]}}]}
    for text in (
        f"{name}={secret}",
        f"{name}={secret} and {name}: {secret}",
        f"GET /x?a=1&{name}={secret}&b=2",
        urllib.parse.urlencode({"next": f"/x?{name}={secret}", name: secret}),
        f"{name}: Bearer {secret}",
        f"X(a=1, {name}='{secret} {other}')",
        f"{name} = '{secret}'",
        f'{name} == "{secret}"',
        f"--{name} {secret}",
        urllib.parse.urlencode({"state": json.dumps({"a": 1, name: secret})}),
        json.dumps(nested),
        json.dumps(json.dumps(nested)),
        json.dumps(nested, indent=2),
        repr(nested),
        repr([(name, secret), (name.encode(), secret.encode())]),
        repr({name: f'it\'s "{secret}" {secret}'}),
    ):
        assert secret not in REDACTOR.text(text), text


fragments = st.one_of(
    formed,
    ordinary_texts,
    secret_names(),
    opaque,
    st.text(max_size=5),
    st.sampled_from(
        ("=", ":", ": ", ", ", "'", '"', "--", " ", "://", "@", "Bearer ", "basic ", "\\", "{", "}", "[", "]")
    ),
)
mixtures = st.lists(fragments, max_size=12).map("".join)
spaced_mixtures = st.lists(fragments, max_size=12).map(" ".join)


@given(mixtures)
def test_what_a_glance_tells_harmless_is(text: str) -> None:
    looked_into = REDACTOR.text(f"{text} 'x'").removesuffix(" 'x'")

    assert suspicious(text) or looked_into == text


@given(spaced_mixtures)
def test_what_was_redacted_stays_as_it_is(text: str) -> None:
    once = REDACTOR.text(text)

    assert REDACTOR.text(once) == once


@given(st.dictionaries(st.one_of(ordinary_names, secret_names(), formed), st.one_of(ordinary_values, mixtures)))
def test_fields_are_redacted_as_any_other_mapping(fields: dict[str, Any]) -> None:
    fresh = Redactor(declared=("customerRef", "loyalty-number"))
    for _ in range(2):
        assert fresh.fields(fields) == REDACTOR.value(fields)


def test_fields_that_a_glance_tells_harmless_are_not_copied() -> None:
    fields = {"sale_id": "S-1", "latency_ms": 1.5, "items": 3, "at": 1714564800123, "ok": True, "note": None}
    REDACTOR.fields(fields)

    assert REDACTOR.fields(fields) is fields


@given(card_numbers())
def test_a_card_number_is_one_as_a_number_too(digits: str) -> None:
    assert REDACTOR.value([int(digits)]) == ["[redacted]"]
    assert REDACTOR.fields({"items": int(digits)}) == {"items": "[redacted]"}


def test_names_that_measure_keep_their_numbers_and_no_texts() -> None:
    assert REDACTOR.value({"token_count": 5, "passwordAge": 1.5, "token_size": "Zq9"}) == {
        "token_count": 5,
        "passwordAge": 1.5,
        "token_size": "[redacted]",
    }


def test_what_says_nothing_may_stand_under_a_secret_name() -> None:
    value: dict[str, object] = {"password": None, "has_token": True, "cookie": "", "session": []}

    assert REDACTOR.value(value) == value


def test_structures_of_every_kind() -> None:
    assert REDACTOR.value(Login("ada@example.com", "x", "y")) == {"user": "[redacted]", "password": "[redacted]"}
    assert REDACTOR.value(Pair("x", "ada")) == {"api_key": "[redacted]", "user": "ada"}
    assert REDACTOR.value(Colour.RED) == "[redacted]"
    assert REDACTOR.value({frozenset({"a"}), Login("ada", "x")}) is not None
    assert REDACTOR.value(memoryview(b"token=x")) == b"token=[redacted]"
    assert REDACTOR.value(decimal.Decimal(4111111111111111)) == "[redacted]"
    assert REDACTOR.value(uuid.UUID(int=0)) == uuid.UUID(int=0)
    assert REDACTOR.value(ValueError("ada@example.com")) == "[redacted]"
    assert REDACTOR.value(["mysql", "--password", "hunter2"]) == ["mysql", "--password", "[redacted]"]
    assert REDACTOR.value([(b"cookie", b"a=b"), (b"host", b"x")]) == [(b"cookie", "[redacted]"), (b"host", b"x")]
    assert REDACTOR.value(b"\xff token=x") == b"\xff token=[redacted]"


def test_secrets_as_names_lose_no_value() -> None:
    value = REDACTOR.value({"ada@example.com": 1, "bob@example.com": 2, "[redacted]": 3})

    assert sorted(value.values()) == [1, 2, 3]


def test_cycles_end() -> None:
    inside: list[object] = [1]
    inside.append({"again": inside})

    assert REDACTOR.value(inside) == [1, {"again": CYCLE}]
    assert REDACTOR.value([inside[:1], inside[:1]]) == [[1], [1]]


def test_hostile_objects_raise_nothing() -> None:
    value = REDACTOR.value({"a": Hostile(), "b": [Hostile()], "c": HostileMapping(a=1), "d": Spelled("fine")})

    assert value["b"] == [value["a"]]
    assert "RuntimeError" in value["a"]
    assert "RuntimeError" in value["c"]
    assert value["d"] == "fine"
    assert "RuntimeError" in repr(REDACTOR.fields(HostileMapping(a=1)))


def test_the_huge_is_bounded() -> None:
    deep: list[Any] = []
    for _ in range(100_000):
        deep = [deep]

    for huge in (
        deep,
        list(range(10**6)),
        dict.fromkeys(range(10**6)),
        ["x" * 1000] * 10**6,
        {f"ada{number}@example.com": [number] * 100 for number in range(10_000)},
        "x" * 10**7,
    ):
        assert len(repr(REDACTOR.value(huge))) < 2 * 10**6
    assert REDACTOR.value(list(range(10**6)))[-1] == CUT
    while deep:
        deep = deep.pop()


@pytest.mark.parametrize(
    "unit", ["eyJ", "a@", "://a:", "1 ", "+1", "x=", "password=", "'", "[", "password=[", "bearer ", "aA1_"]
)
def test_long_texts_take_time_in_proportion(unit: str) -> None:
    REDACTOR.text(unit * (LONGEST // len(unit)))


def test_a_secret_across_the_cut_comes_out_in_no_part() -> None:
    rng = random.Random(7)  # noqa: S311 - no secret is made of it
    for _ in range(50):
        text = "x " * (LONGEST // 2 - rng.randrange(40)) + "ada.lovelace@example.com" + " y" * 10_000

        redacted = REDACTOR.text(text)

        assert "ada" not in redacted
        assert re.search(r"\.\.\. \[cut: \d+ letters\]$", redacted)

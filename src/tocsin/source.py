"""Loads what a user declared, and finds the line on which it stands."""

from __future__ import annotations

import ast
import importlib
import importlib.util
import io
import re
import sys
import textwrap
import tokenize
import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

from tocsin.model import Allowance, Anchor, Catalog, Passage, Place, TocsinError

_COMMENT = re.compile(r"#\s*tocsin:\s*(.*)")
_NO_CODE = {tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT}


@dataclass(frozen=True, slots=True)
class Excerpt:
    """Lines of a file, the first of which has the number *line*, moved to the left as far as they go."""

    file: str
    line: int
    text: str


def project_root() -> Path:
    """Return the nearest folder, upwards from here, whose pyproject.toml has a [tool.tocsin] table; else this one."""
    here = Path.cwd()
    for folder in (here, *here.parents):
        if _settings(folder) is not None:
            return folder
    return here


def settings(root: Path) -> dict[str, object]:
    """Return the [tool.tocsin] table of the project in *root*, empty where there is none."""
    return _settings(root) or {}


def load_catalog(reference: str | None = None) -> Catalog:
    """Load the catalog at *reference* (`module:NAME`), or else the one that pyproject.toml names.

    Raises:
        TocsinError: there is no catalog, or it cannot be loaded.

    """
    root = project_root()
    named = reference or settings(root).get("catalog")
    if not isinstance(named, str):
        raise TocsinError(
            f'No catalog is named in {root}: add `[tool.tocsin] catalog = "services.catalog:CATALOG"` to '
            "pyproject.toml, or give --catalog module:NAME."
        )
    found = load_object(named)
    if not isinstance(found, Catalog):
        raise TocsinError(f"{named} is a {type(found).__name__}, not a Catalog: name the Catalog object.")
    return found


def load_object(reference: str) -> object:
    """Load the object at *reference*, written `module:NAME`, with the project's folder importable.

    Raises:
        TocsinError: the module or the name is missing, or the module fails; the sentence says where.

    """
    module_name, _, name = reference.partition(":")
    if not module_name or not name:
        raise TocsinError(f"{reference!r} names no object: write module:NAME, like services.catalog:CATALOG.")
    root = str(project_root())
    if root not in sys.path:
        sys.path.insert(0, root)
    module = _import(module_name)
    try:
        return getattr(module, name)
    except AttributeError:
        raise TocsinError(f"The module {module_name} has no {name}: check the reference {reference!r}.") from None


def home(reference: str | None = None) -> Path:
    """Return the folder of the catalog's module: services and their runbooks lie below it."""
    load_catalog(reference)
    named = reference or str(settings(project_root())["catalog"])
    file = sys.modules[named.partition(":")[0]].__file__
    return Path(file).parent if file else project_root()


def _runbook_folders(catalog: Catalog, home: Path) -> dict[str, Path]:
    """Return where each service keeps its runbook pages; those that serve all lie under the name `""`."""
    folders = {service.name: home / service.name.replace("-", "_") / "runbooks" for service in catalog.services}
    return {"": home / "runbooks", **folders}


def runbooks(catalog: Catalog, home: Path) -> dict[str, Passage]:
    """Return every page that was written by hand, as `<service>/runbooks/<name>.md`, without a service if it is shared.

    Raises:
        TocsinError: a page cannot be read.

    """
    return {
        f"{service}/runbooks/{file.name}".removeprefix("/"): passage(file)
        for service, folder in _runbook_folders(catalog, home).items()
        for file in sorted(folder.glob("*.md"))
    }


def catalog_modules(reference: str | None = None) -> tuple[Passage, ...]:
    """Return the text of the catalog's module and of those of the same package that it imports."""
    load_catalog(reference)
    waiting = [(reference or str(settings(project_root())["catalog"])).partition(":")[0]]
    top = waiting[0].partition(".")[0]
    found: dict[str, Passage] = {}
    while waiting:
        name = waiting.pop(0)
        file = getattr(sys.modules.get(name), "__file__", None)
        if name not in found and file and name.partition(".")[0] == top:
            found[name] = passage(Path(file))
            waiting.extend(_imports(name, found[name].text))
    return tuple(found.values())


def service_modules(catalog: Catalog, home: Path) -> dict[str, tuple[Passage, ...]]:
    """Return the text of each service's modules, their tests left out."""
    return {
        service.name: tuple(
            passage(file)
            for file in sorted((home / service.name.replace("-", "_")).rglob("*.py"))
            if not file.name.startswith("test_")
        )
        for service in catalog.services
    }


def passage(file: Path) -> Passage:
    """Return the text of a file, and where each of its lines stands.

    Raises:
        TocsinError: it cannot be read.

    """
    try:
        text = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as cause:
        raise TocsinError(f"{_shown(str(file))} cannot be read: {cause}.") from None
    anchors, offset = [], 0
    for number, line in enumerate(text.splitlines(keepends=True), 1):
        anchors.append(Anchor(offset, number, 1))
        offset += len(line)
    return Passage(text, _shown(str(file)), tuple(anchors))


def _imports(module: str, text: str) -> list[str]:
    """Return the names of the modules that a module may import."""
    names: list[str] = []
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            names.extend(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            package = module if _is_package(module) else module.rpartition(".")[0]
            base = importlib.util.resolve_name("." * node.level + (node.module or ""), package)
            names.extend((base, *(f"{base}.{alias.name}" for alias in node.names)))
    return names


def _is_package(module: str) -> bool:
    return hasattr(sys.modules.get(module), "__path__")


def find(text: str, modules: tuple[str, ...]) -> Place | None:
    """Return where *text* first stands as a whole string in one of the loaded *modules* (or in their submodules)."""
    for file in _files(modules):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and node.value == text:
                return Place(_shown(str(file)), node.lineno, node.col_offset + 1)
    return None


def declaration(modules: Iterable[Passage], kind: str, name: str, service: str) -> Excerpt | None:
    """Return the lines that declare a *service*'s *kind* (`Alert`, `Counter`, ...) called *name*, if they are found.

    What has no name of its own is found where its service has but one of its kind.
    """
    ours = sorted(modules, key=lambda each: not any(_calls(each, "Service", service)))
    named = next(((each, call) for each in ours for call in _calls(each, kind, name)), None)
    if named is not None:
        return _excerpt(*named)
    alone = list(_calls(ours[0], kind)) if ours else []
    return _excerpt(ours[0], alone[0]) if len(alone) == 1 else None


def _calls(module: Passage, kind: str, name: str | None = None) -> Iterator[ast.Call]:
    """Yield the calls of *kind* in a module, those whose first argument or `name` is *name* where one is given."""
    for node in ast.walk(ast.parse(module.text)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == kind:
            values = (*node.args[:1], *(each.value for each in node.keywords if each.arg == "name"))
            if name is None or any(isinstance(each, ast.Constant) and each.value == name for each in values):
                yield node


def _excerpt(module: Passage, node: ast.Call) -> Excerpt:
    lines = module.text.splitlines()[node.lineno - 1 : node.end_lineno]
    return Excerpt(module.file, node.lineno, textwrap.dedent("\n".join(lines)))


def allowances(modules: tuple[str, ...]) -> tuple[Allowance, ...]:
    """Return the comments `tocsin: allow ...` of the loaded *modules*, each with the declaration it is above or in."""
    return tuple(found for file in _files(modules) for found in _allowances(file))


def _files(modules: tuple[str, ...]) -> Iterator[Path]:
    """Yield the files of the loaded *modules* and of their submodules."""
    for name, module in sorted(sys.modules.items()):
        file = getattr(module, "__file__", None)
        if file and any(name == top or name.startswith(f"{top}.") for top in modules):
            yield Path(file)


def _allowances(file: Path) -> Iterator[Allowance]:
    text = file.read_text(encoding="utf-8")
    if "tocsin:" not in text:
        return
    tree, shown = ast.parse(text), _shown(str(file))
    tokens = list(tokenize.generate_tokens(io.StringIO(text).readline))
    for index, token in enumerate(tokens):
        said = _COMMENT.match(token.string) if token.type == tokenize.COMMENT else None
        if said:
            following = next(each.start[0] for each in tokens[index:] if each.type not in _NO_CODE)
            first, last = _declaration(tree, token.start[0], following, shown)
            yield Allowance.of(said[1], Place(shown, token.start[0], token.start[1] + 1), first, last)


def _declaration(tree: ast.AST, line: int, following: int, file: str) -> tuple[Place, Place]:
    """Return where a call begins and ends that stands on *line*, or else begins on the *following*, or else is around.

    Of those on one line it is the longest, of those around it the shortest.
    """
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call | ast.Assign | ast.AnnAssign)]
    beside = [node for node in calls if node.lineno == line]
    below = [node for node in calls if node.lineno == following]
    around = [node for node in calls if node.lineno < line <= (node.end_lineno or 0)]
    longest = max(beside or below, key=lambda node: node.end_lineno or 0, default=None)
    found = longest or min(around, key=lambda node: (node.end_lineno or 0) - node.lineno, default=None)
    if found is None:
        return Place(file, line, 1), Place(file, line, 1)
    first, last = Place(file, found.lineno, 1), Place(file, found.end_lineno or line, (found.end_col_offset or 0) + 1)
    return first, last


def _settings(folder: Path) -> dict[str, object] | None:
    file = folder / "pyproject.toml"
    if not file.is_file():
        return None
    try:
        table = tomllib.loads(file.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as cause:
        raise TocsinError(f"{file} cannot be read: {cause}.") from None
    found = table.get("tool", {}).get("tocsin")
    return found if isinstance(found, dict) else None


def _import(name: str) -> ModuleType:
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as cause:
        if cause.name and (name == cause.name or name.startswith(f"{cause.name}.")):
            raise TocsinError(
                f"There is no module {name}: check the reference, or run this in the project's folder."
            ) from None
        raise TocsinError(f"{_where(cause, name)}: it imports {cause.name}, which is not installed.") from None
    except TocsinError as cause:
        raise TocsinError(f"{_where(cause, name)}: {cause}") from None
    except Exception as cause:  # noqa: BLE001 - whatever a user's module raises becomes one sentence
        reason = " ".join(str(cause).split()) or "no reason given"
        raise TocsinError(f"{_where(cause, name)}: {type(cause).__name__}: {reason}.") from None


def _where(cause: BaseException, name: str) -> str:
    """Return file:line of the innermost frame that is the user's own."""
    if isinstance(cause, SyntaxError):
        return f"{_shown(cause.filename or name)}:{cause.lineno}"
    place = name
    frame = cause.__traceback__
    ours = Path(__file__).parent
    while frame is not None:
        file = frame.tb_frame.f_code.co_filename
        if not file.startswith("<") and ours not in Path(file).parents:
            place = f"{_shown(file)}:{frame.tb_lineno}"
        frame = frame.tb_next
    return place


def _shown(file: str) -> str:
    root = project_root()
    return Path(file).relative_to(root).as_posix() if Path(file).is_relative_to(root) else file

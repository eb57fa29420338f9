"""Every error code has a page that says what to do, and every page is about a code that exists."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

pytestmark = pytest.mark.unit
REPOSITORY = Path(__file__).resolve().parents[1]
FACTORIES = {
    "Permanent": 0,
    "Transient": 0,
    "Refusal": 0,
    "UnsafePathError": 0,
    "Failure": 1,
    "report": 1,
    "_report": 1,
    "report_member": 1,
    "Trouble": 2,
    "refuse": 2,
    "Fault": 2,
}
"""Calls that carry a code, and at which position."""


def codes_of(source: Path) -> Iterator[str]:
    """The codes that a module can give: assigned to `code`, or written into such a call."""
    for node in ast.walk(ast.parse(source.read_text())):
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "code":
            yield from constants(node.value)
        elif isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "refused":
            yield from first_of(node.value)
        elif isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "REFUSED":
            yield from keys_of(node.value)
        elif isinstance(node, ast.Call):
            name = ast.unparse(node.func).rpartition(".")[2]
            position = FACTORIES.get(name)
            if position is not None and len(node.args) > position:
                yield from constants(node.args[position])


def first_of(node: ast.expr) -> Iterator[str]:
    yield from constants(node.elts[0]) if isinstance(node, ast.Tuple) else ()


def keys_of(node: ast.expr) -> Iterator[str]:
    for key in node.keys if isinstance(node, ast.Dict) else ():
        yield from constants(key) if key is not None else ()


def constants(node: ast.expr) -> Iterator[str]:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value


def test_codes_and_pages_are_the_same() -> None:
    sources = [
        *REPOSITORY.glob("shared/src/**/*.py"),
        *(
            path
            for service in ("librarian", "geocoder", "thumbnailer", "backup")
            for path in REPOSITORY.glob(f"services/{service}/src/**/*.py")
        ),
    ]
    codes = {code for source in sources for code in codes_of(source)}
    pages = {page.stem for page in REPOSITORY.glob("docs/runbooks/*.md")}
    assert codes == pages
    assert len(pages) > 15

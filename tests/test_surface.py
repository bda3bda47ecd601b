"""What the package promises to those who import it, and the shape of its code."""

import ast
import re
from pathlib import Path

import pytest

import feedback

ROOT = Path(__file__).parents[1]
FILES = sorted((ROOT / "feedback").rglob("*.py"))
FORBIDDEN = re.compile(r"(^|_)(utils?|helpers?|managers?|providers?|bases?|misc|common)(_|$)", re.IGNORECASE)


def functions(path: Path) -> list[ast.FunctionDef | ast.AsyncFunctionDef]:
    nodes = ast.walk(ast.parse(path.read_text(encoding="utf-8")))
    return [node for node in nodes if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]


def names(path: Path) -> list[str]:
    """The file's own name and those of its classes and functions, in words_with_underscores."""
    nodes = ast.walk(ast.parse(path.read_text(encoding="utf-8")))
    defined = [n.name for n in nodes if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)]
    return [re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name) for name in [path.stem, path.parent.name, *defined]]


def test_the_public_surface_is_frozen():
    assert sorted(feedback.__all__) == ["FeedbackError", "__version__", "run", "tag"]


@pytest.mark.parametrize("name", feedback.__all__)
def test_every_public_name_can_be_imported(name):
    assert getattr(feedback, name) is not None


def test_what_is_not_public_is_not_there():
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        feedback.nothing  # noqa: B018


def test_the_package_and_its_project_have_one_version():
    assert f'version = "{feedback.__version__}"' in (ROOT / "pyproject.toml").read_text(encoding="utf-8")


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_files_and_functions_are_short_and_plainly_named(path):
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 400
    assert [f.name for f in functions(path) if (f.end_lineno or 0) - f.lineno >= 40] == []
    assert [name for name in names(path) if FORBIDDEN.search(name)] == []


def test_no_file_names_a_place_on_somebodys_machine():
    places = re.compile(r"(?<![\w.])/(work|home|root|Users)/")
    assert [path.name for path in FILES if places.search(path.read_text(encoding="utf-8"))] == []

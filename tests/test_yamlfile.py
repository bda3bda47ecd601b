"""Files that people write: each slip is answered with the line where it stands."""

import contextlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel, ConfigDict, Field

from feedback import yamlfile
from feedback.errors import FeedbackError, FileError, UsageError


class Inner(BaseModel):
    model_config = ConfigDict(extra="forbid")
    colour: str
    origin: str | None = Field(default=None, alias="from")


class Sheet(BaseModel):
    model_config = ConfigDict(extra="forbid")
    name: str
    parts: list[Inner] = []
    by_name: dict[str, Inner] = {}


@pytest.fixture
def load(tmp_path):
    def loaded(text: str | bytes) -> Sheet:
        path = tmp_path / "sheet.yaml"
        path.write_bytes(text.encode() if isinstance(text, str) else text)
        return yamlfile.load(path, Sheet)

    return loaded


def test_a_good_file_is_read_with_its_byte_order_mark(load):
    assert load(b"\xef\xbb\xbfname: \xc3\xa9t\xc3\xa9\n").name == "été"


def test_an_unknown_key_names_its_line_the_valid_keys_and_the_nearest(load):
    with pytest.raises(FileError) as error:
        load("name: x\nparts:\n  - colour: red\n  - colour: blue\n    form: y\n")
    assert ", line 5: unknown key 'form'. Allowed: colour, from. Did you mean 'from'?" in str(error.value)


def test_a_misspelt_required_key_is_called_unknown_not_missing(load):
    with pytest.raises(FileError, match=r"line 1: unknown key 'nane'\. .*Did you mean 'name'\?"):
        load("nane: x\n")


def test_a_missing_key_is_named(load):
    with pytest.raises(FileError, match=r"line 2: the key 'by_name.a.colour' is missing"):
        load("name: x\nby_name: {a: {}}\n")


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("name: x\nparts: [\n", 3),
        ("name: x\n\tparts: []\n", 2),
        ("name: x\nname: y\n", 2),
        ("name: x\n? [a, b]\n: c\n", 2),
        ("name: x\n? {a: b}\n: c\n", 2),
        ("name: *x\n", 1),
        ("parts: []\nname: 2026-13-45\n", 2),
        ("name: !!python/object/apply:os.getcwd []\n", 1),
        ("name: x\n---\nname: y\n", 2),
    ],
    ids=["unclosed", "tab", "twice", "list key", "map key", "alias", "no date", "python object", "two documents"],
)
def test_what_is_no_yaml_is_refused_with_its_line(load, text, line):
    with pytest.raises(FileError, match=rf"line {line}: not valid YAML: "):
        load(text)


@pytest.mark.parametrize("data", ["name: été".encode("latin-1"), b"name: \x00", b"[" * 5000])
def test_bytes_that_are_no_yaml_text_are_refused(load, data):
    with pytest.raises(FileError, match="not valid YAML"):
        load(data)


@pytest.mark.parametrize("text", ["", "# nothing\n", "- a\n", "text\n"])
def test_a_file_without_keys_is_refused(load, text):
    with pytest.raises(FileError, match="holds no keys"):
        load(text)


def test_a_missing_file_and_a_folder_are_misuse(tmp_path):
    for path in (tmp_path / "none.yaml", tmp_path):
        with pytest.raises(UsageError, match="no such file"):
            yamlfile.load(path, Sheet)


@settings(max_examples=300, deadline=None)
@given(st.text(alphabet="ab:-[]{}&*!|>'\"#%@?, \n\t\\012.é", max_size=60))
def test_whatever_is_in_the_file_the_error_is_ours(tmp_path_factory, text):
    path = tmp_path_factory.getbasetemp() / "any.yaml"
    path.write_text(text, encoding="utf-8")
    with contextlib.suppress(FeedbackError):
        yamlfile.load(path, Sheet)

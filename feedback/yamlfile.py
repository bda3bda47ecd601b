"""YAML files that people write: read safely, checked against a pydantic model, errors by line."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from pathlib import Path
from typing import Any, TypeVar, get_args

import yaml
from pydantic import BaseModel, ValidationError
from pydantic_core import InitErrorDetails, PydanticCustomError

from feedback.errors import FileError, UsageError, nearest

Model = TypeVar("Model", bound=BaseModel)
Keys = tuple[str | int, ...]


class _Loader(yaml.SafeLoader):
    """A safe loader that refuses a key given twice, and says in which line a value is none."""

    def construct_object(self, node: yaml.Node, deep: bool = False) -> Any:
        try:
            return super().construct_object(node, deep)
        except ValueError as error:
            raise yaml.MarkedYAMLError(problem=str(error), problem_mark=node.start_mark) from None

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        seen: set[Any] = set()
        for key, _ in node.value:
            if not isinstance(key, yaml.ScalarNode):
                raise yaml.MarkedYAMLError(problem="a key is no plain text", problem_mark=key.start_mark)
            name = self.construct_object(key, deep=True)
            if name in seen:
                raise yaml.MarkedYAMLError(problem=f"key {name!r} is given twice", problem_mark=key.start_mark)
            seen.add(name)
        return super().construct_mapping(node, deep)


def load(path: Path, model: type[Model], context: Mapping[str, Any] | None = None) -> Model:
    """Read a YAML file into a pydantic model, whose validators are given the context.

    Raises UsageError when the file does not exist, FileError with the line when it is no YAML or
    breaks the model; an unknown key is answered with the nearest valid one.
    """
    if not path.is_file():
        raise UsageError("no such file", where=str(path), remedy="check the path")
    try:
        loader = _Loader(path.read_text(encoding="utf-8-sig"))
        node = loader.get_single_node()
        value = loader.construct_document(node) if node is not None else None
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        what = f"not valid YAML: {error.problem or error.context}"
        raise FileError(what, where=f"{path}, line {line}", remedy="check indentation, quotes and colons") from None
    except (yaml.YAMLError, UnicodeDecodeError, RecursionError) as error:
        raise FileError(f"not valid YAML: {error}", where=str(path), remedy="save the file as UTF-8 text") from None
    if node is None or not isinstance(value, dict):
        raise FileError("the file holds no keys", where=str(path), remedy="see `feedback schema`")
    try:
        return model.model_validate(value, context=context)
    except ValidationError as error:
        raise _explain(error, path, node, model) from None


def lines(path: Path) -> Callable[[Keys], int]:
    """What tells the line, from 1, that keys lead to in a file that `load` has read, or that of the nearest above."""
    node = yaml.compose(path.read_text(encoding="utf-8-sig"), Loader=yaml.SafeLoader)
    assert node is not None  # the file has keys
    return lambda keys: _line(node, keys)


def misplaced(keys: Keys, what: str, got: object) -> ValidationError:
    """What a model's own check found, at the place in the file that it means."""
    kind = PydanticCustomError("misplaced", "{what}", {"what": what})
    return ValidationError.from_exception_data("file", [InitErrorDetails(type=kind, loc=keys, input=got)])


def _explain(error: ValidationError, path: Path, node: yaml.Node, model: type[BaseModel]) -> FileError:
    # A misspelt key is reported before the required one that it leaves missing.
    first = min(error.errors(), key=lambda found: found["type"] != "extra_forbidden")
    keys = tuple(key for key in first["loc"] if key != "[key]")
    where = f"{path}, line {_line(node, keys)}"
    name = ".".join(str(k) for k in keys)
    if first["type"] == "extra_forbidden":
        valid = sorted(_fields(model, keys[:-1]))
        hint = nearest(str(keys[-1]), valid)
        return FileError(f"unknown key {keys[-1]!r}", where=where, allowed=valid, remedy=hint)
    if first["type"] == "missing":
        return FileError(f"the key {name!r} is missing", where=where, remedy="add it; see `feedback schema`")
    what = first["msg"].removeprefix("Value error, ")
    got = None if isinstance(first.get("input"), dict | list) else first.get("input")
    return FileError(f"{name}: {what}" if name else what, where=where, got=got)


def _line(node: yaml.Node, keys: Keys) -> int:
    line = node.start_mark.line
    for key in keys:
        if isinstance(node, yaml.MappingNode):
            for name, value in node.value:
                if name.value == str(key):
                    line, node = name.start_mark.line, value
        elif isinstance(node, yaml.SequenceNode) and isinstance(key, int) and key < len(node.value):
            node = node.value[key]
            line = node.start_mark.line
    return line + 1


def _fields(model: type[BaseModel], keys: Keys) -> set[str]:
    """The valid keys at a place in the model, aliases included."""
    for key in keys:
        if isinstance(key, int) or key not in (names := _names(model)):
            continue
        model = _inner(names[key]) or model
    return set(_names(model))


def _names(model: type[BaseModel]) -> dict[str, Any]:
    return {field.alias or name: field.annotation for name, field in model.model_fields.items()}


def _inner(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((m for a in get_args(annotation) if (m := _inner(a))), None)

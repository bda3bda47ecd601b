"""The pipeline file: what a run reads, how it tags, what it writes. Every default is here."""

from __future__ import annotations

from pathlib import Path, PurePath
from typing import Annotated, Literal
from zoneinfo import ZoneInfo, available_timezones

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationInfo,
    field_validator,
    model_validator,
)

from feedback import workspace, yamlfile
from feedback.errors import FileError, UsageError, nearest

Language = Literal["en", "fr"]
Kind = Literal["survey", "review", "social", "support"]
Metric = Literal["nps", "csat", "ces", "stars", "other"]
Personal = Literal[
    "EMAIL", "URL", "IBAN", "CARD", "BIRTHDATE", "ADDRESS", "PLATE", "REFERENCE", "ID", "PHONE", "HANDLE", "PERSON"
]


def _as_list(value: object) -> object:
    return [value] if isinstance(value, str) else value


def _as_time(value: object) -> object:
    return {"column": value} if isinstance(value, str) else value


def _pattern(value: str) -> str:
    parts = PurePath(value).parts
    if not parts or any("**" in part and part != "**" for part in parts):
        raise ValueError("name files, as in data/inbox/*.csv or data/inbox/**/*.csv, with ** alone between slashes")
    return value


def _answered(value: object) -> object:
    if value == UNANSWERED:
        raise ValueError('write the answer to the question above this line instead of "?"')
    return value


def _known_zone(value: str) -> str:
    if value not in available_timezones():
        hint = nearest(value, available_timezones())
        raise ValueError(f"unknown time zone; {hint or 'use an IANA name such as Europe/Paris'}")
    return value


def _from_file(value: object, info: ValidationInfo) -> object:
    """The mapping in a file of the workspace that a pipeline names."""
    if not isinstance(value, str):
        return value
    root = (info.context or {}).get("root", Path())
    return yamlfile.load(inside(value, root, "mapping"), Mapping)


UNANSWERED = "?"
"""Stands in a mapping for what the export does not tell and somebody has to say."""
MAPPING_FILE = ".mapping.yaml"
"""How the names of mapping files end, which are no exports where they lie beside them."""
RISKS = (0.1, 0.15, 0.2, 0.25, 0.3, 0.4, 0.5)  # those that a threshold is known for
Names = Annotated[list[str], BeforeValidator(_as_list, json_schema_input_type=str | list[str])]
OneOrMore = Annotated[list[str], Field(min_length=1)]
Pattern = Annotated[str, AfterValidator(_pattern)]
Zone = Annotated[str, AfterValidator(_known_zone)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class Score(_Strict):
    """A column that holds a score, with its scale."""

    column: str
    metric: Metric
    min: float
    max: float
    question: str | None = None
    lower_is_better: bool = False


class Time(_Strict):
    """A column that holds a time, and its strptime format where ISO 8601 does not fit.

    `first` says what dates such as 03/04/2026 begin with, where their format differs from row to row.
    """

    column: str
    format: str | None = None
    first: Annotated[Literal["day", "month"] | None, BeforeValidator(_answered)] = None


class Mapping(_Strict):
    """Which column of an export plays which role; `text` alone is required."""

    text: Annotated[list[str], BeforeValidator(_as_list, json_schema_input_type=str | OneOrMore)]
    id: str | None = None
    title: str | None = None
    question: str | None = None
    created_at: Annotated[Time | None, BeforeValidator(_as_time, json_schema_input_type=str | Time | None)] = None
    updated_at: str | None = None
    author: str | None = None
    language: str | None = None
    product: str | None = None
    location: str | None = None
    channel: str | None = None
    url: str | None = None
    reply: str | None = None
    thread: str | None = None
    parent: str | None = None
    repost: str | None = None
    scores: list[Score] = []
    timezone: Annotated[Zone | None, BeforeValidator(_answered)] = None
    decimal: Annotated[Literal[",", "."] | None, BeforeValidator(_answered)] = None
    extra: Names = []
    missing: Names = []
    encoding: str | None = None
    delimiter: str | None = None
    sheet: str | None = None
    records: str | None = None


class Source(_Strict):
    """One stream of exports: where its files lie and how to read them."""

    name: Annotated[str, Field(pattern=r"^[a-z0-9._-]{1,60}$")]
    files: Annotated[list[Pattern], BeforeValidator(_as_list, json_schema_input_type=str | list[Pattern])]
    format: str = "auto"
    kind: Kind | None = None
    language: Language | None = None
    channel: str | None = None
    timezone: str | None = None
    mapping: Annotated[Mapping | None, BeforeValidator(_from_file, json_schema_input_type=Mapping | str | None)] = None
    metric: Metric | None = None
    scale: tuple[float, float] | None = None

    @field_validator("mapping")
    @classmethod
    def _a_mapping_names_a_text(cls, value: Mapping | None) -> Mapping | None:
        if value is not None and not value.text:
            raise yamlfile.misplaced(("text",), "name at least one column that holds comments", "[]")
        return value


class Thresholds(_Strict):
    """When a tag is given, when a figure is shown, when a change is called one.

    `touchpoint` is a probability; without it, it is the one that keeps `risk` (feedback.abstention).
    """

    risk: float = Field(default=0.15, ge=RISKS[0], le=RISKS[-1])
    touchpoint: float | None = Field(default=None, ge=0, le=1)
    stage: float = Field(default=0.6, ge=0, le=1)
    min_count: int = Field(default=10, ge=1)
    false_discovery_rate: float = Field(default=0.05, gt=0, lt=1)


class Weights(_Strict):
    """Exponents of the friction factors; raise `version` when they change."""

    version: int = 1
    reach: float = Field(default=1.0, ge=0)
    severity: float = Field(default=1.0, ge=0)
    impact: float = Field(default=1.0, ge=0)


class Privacy(_Strict):
    """Words that look like names and are none: brands, products, places, roles; and kinds of data that may stay."""

    keep: Names = []
    policy: dict[Personal, Literal["mask", "keep"]] = {}

    @property
    def kept(self) -> tuple[str, ...]:
        """What redaction leaves: words, and placeholders of the kinds whose policy is `keep`."""
        return (*self.keep, *(f"<{kind}>" for kind, policy in self.policy.items() if policy == "keep"))


class Report(_Strict):
    """The report's languages and how many quotes stand behind each figure."""

    languages: list[Language] = ["en", "fr"]
    quotes: int = Field(default=3, ge=0, le=20)


SPACY: dict[Language, str] = {"en": "en_core_web_sm", "fr": "fr_core_news_sm"}


class Pipeline(_Strict):
    """A pipeline file as read."""

    pipeline: Annotated[str, Field(pattern=r"^[a-z0-9._-]{1,60}$")]
    version: int = 1
    timezone: Zone
    journey: str
    languages: list[Language] = Field(default=["en", "fr"], min_length=1)
    sources: list[Source] = Field(min_length=1)
    encoder: str = "shipped"
    sentiment: str = "shipped"
    spacy: dict[Language, str] = SPACY
    thresholds: Thresholds = Thresholds()
    friction: Weights = Weights()
    privacy: Privacy = Privacy()
    report: Report = Report()
    exports: list[str] = ["mermaid", "csv", "xlsx"]

    @field_validator("spacy")
    @classmethod
    def _models_left_out_are_the_pinned_ones(cls, value: dict[Language, str]) -> dict[Language, str]:
        return SPACY | value

    @model_validator(mode="after")
    def _names_are_unique(self) -> Pipeline:
        names = [s.name for s in self.sources]
        for place, name in enumerate(names):
            if name in names[:place]:
                raise yamlfile.misplaced(("sources", place, "name"), "names of sources are unique", name)
        return self

    @property
    def zone(self) -> ZoneInfo:
        """The time zone that weeks are counted in."""
        return ZoneInfo(self.timezone)


def load(path: Path) -> Pipeline:
    """Read a pipeline file, and the mapping files that it names.

    Raises UsageError when one does not exist, FileError with the line otherwise.
    """
    return yamlfile.load(path, Pipeline, {"root": workspace.find(path.parent) or path.parent})


def inside(name: str, root: Path, where: str) -> Path:
    """The path that a pipeline names, relative to its workspace. Raises FileError when it leaves the workspace."""
    if Path(name).is_absolute() or ".." in Path(name).parts:
        raise FileError("this path leaves the workspace", where=where, got=name, remedy="name one inside it")
    return root / name


def files_of(source: Source, root: Path) -> list[Path]:
    """The files of a source in name order; a glob without files gives none.

    Raises FileError for a path that leaves the workspace, UsageError for a plain path that does not exist.
    """
    found: set[Path] = set()
    for pattern in source.files:
        inside(pattern, root, f"source {source.name}")
        folder = (root / pattern).is_dir()
        listed = root.glob(f"{pattern}/**/*" if folder else pattern)
        hits = {p for p in listed if p.is_file() and not p.name.endswith(MAPPING_FILE)}
        if not hits and not any(c in pattern for c in "*?["):
            raise UsageError("no such file", where=f"source {source.name}", got=pattern, remedy="check `files`")
        found |= hits
    return sorted(found)

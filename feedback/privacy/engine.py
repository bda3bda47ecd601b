"""The presidio engine with our own recognisers: nothing is fetched, no second language model is run."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache
from typing import TYPE_CHECKING, Any

from feedback.privacy.names import Unparsed, people
from feedback.privacy.patterns import PATTERNS

if TYPE_CHECKING:
    from spacy.tokens import Doc

Find = Callable[[str, "Doc | Unparsed"], Iterator[tuple[int, int]]]


def find(doc: Doc | Unparsed) -> list[tuple[int, int, str]]:
    """Every finding in a document as (start, end, placeholder name); findings may overlap."""
    from presidio_analyzer.nlp_engine import NlpArtifacts

    artifacts = NlpArtifacts([], doc, [], [], None, doc.lang_)  # type: ignore[arg-type]  # ours alone read it
    results = _engine(doc.lang_).analyze(doc.text, doc.lang_, nlp_artifacts=artifacts)
    return [(result.start, result.end, result.entity_type) for result in results]


@cache
def _engine(language: str) -> Any:
    from presidio_analyzer import AnalyzerEngine, RecognizerRegistry
    from presidio_analyzer.nlp_engine import NoOpNlpEngine

    finders: dict[str, Find] = {"PERSON": lambda _, doc: people(doc)}
    for name, pattern in PATTERNS.items():
        finders[name] = lambda text, _, pattern=pattern: pattern(text)  # type: ignore[misc]
    recognisers = [_recogniser(name, language, function) for name, function in finders.items()]
    return AnalyzerEngine(
        registry=RecognizerRegistry(recognisers, supported_languages=[language]),
        nlp_engine=NoOpNlpEngine([{"lang_code": language, "model_name": "none"}]),
        supported_languages=[language],
    )


def _recogniser(name: str, language: str, function: Find) -> Any:
    """A finder as a presidio recogniser; it reads the document that the artifacts carry."""
    from presidio_analyzer import EntityRecognizer, RecognizerResult

    class Recogniser(EntityRecognizer):
        def load(self) -> None:
            """There is nothing to load."""

        def analyze(self, text: str, entities: list[str], nlp_artifacts: Any) -> list[Any]:  # noqa: ARG002
            return [RecognizerResult(name, start, end, 1.0) for start, end in function(text, nlp_artifacts.tokens)]

    return Recogniser([name], name=name, supported_language=language)

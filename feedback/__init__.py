"""Customer feedback to journey: read, tag, map and report, on your own machine."""

from __future__ import annotations

from importlib import import_module
from typing import Any

__version__ = "0.1.0"
__all__ = ["FeedbackError", "__version__", "run", "tag"]

_PUBLIC = {"FeedbackError": "feedback.errors", "run": "feedback.run", "tag": "feedback.tag"}


def __getattr__(name: str) -> Any:
    """Public functions are imported when they are first used, so that the command starts fast."""
    if name in _PUBLIC:
        return getattr(import_module(_PUBLIC[name]), name)
    raise AttributeError(f"module 'feedback' has no attribute {name!r}")

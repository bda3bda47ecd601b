"""A process that kills itself at some step on the disk, as a power cut would."""

import os
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

HERE = str(Path(__file__).parent)
STEPS = ("replace", "rename", "unlink", "mkdir", "rmdir", "fsync")


def after(steps: int) -> None:
    """Kill this process at the step on the disk that follows so many others."""
    left = [steps]
    for name in STEPS:
        setattr(os, name, _deadly(getattr(os, name), left))


def _deadly(function: Callable[..., Any], left: list[int]) -> Callable[..., Any]:
    def step(*args: Any, **kwargs: Any) -> Any:
        left[0] -= 1
        if left[0] < 0:
            os.kill(os.getpid(), signal.SIGKILL)
        return function(*args, **kwargs)

    return step

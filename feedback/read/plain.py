"""Any table or list of records, with the columns that a pipeline's `mapping` names."""

from __future__ import annotations

import pandas as pd

from feedback.read.cells import Opened
from feedback.read.format import Format, Roles


def _recognise(_opened: Opened) -> bool:
    return False


def _roles(_table: pd.DataFrame) -> Roles:
    return Roles(text=())


PLAIN = Format("plain", "survey", _recognise, _roles)

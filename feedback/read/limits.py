"""How much an export may hold, so that a hostile or a broken one costs one line and not the machine."""

from __future__ import annotations

CELL = 100_000_000
"""Characters of one cell; a record with so long a one is refused."""
LINE = 2 * CELL
"""Characters of one record of a text file, and of one line."""
COLUMNS = 16_384
"""Columns of a table: those of a workbook in Excel."""
AREA = 30_000_000
"""Rows times columns of a sheet: a reader of workbooks makes room for each of them, filled or not."""
BATCH_CELLS = 4_000_000
"""Cells that are held at a time: wide tables are read in smaller parts."""
BATCH_TEXT = 64 << 20
"""Characters that are held at a time, one record aside."""
MEMBERS = 10_000
"""Files of an archive."""
EXPANDED = 1 << 40
"""Bytes that an archive or a compressed file may expand to; it is read as a stream."""
RATIO = 250
"""How many times its packed size a file may expand to; exports reach about 30."""
FREE = 64 << 20
"""Bytes up to which any ratio is harmless."""
WHOLE = 1 << 30
"""Bytes of what has to lie in memory whole: workbooks as they expand, JSON that is one value, packed Parquet."""
XML = 100 << 20
"""Bytes of an XML file: a feed of short entries takes up to seventeen times as much memory."""
WINDOW = 31
"""Power of two of the bytes that Zstandard may look back: archives of Reddit need that many."""

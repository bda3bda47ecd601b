"""Exports of each family as they come, full of personal data of every kind: none of it is in any file a run leaves."""

from pathlib import Path

import pytest
import small
from test_redacted_run import PLANTED, left

from feedback import run

# Beside one of each kind: others that French and English exports hold.
MORE = {
    "SIRET": ("je suis artisan, SIRET 732 829 320 00074, facture absente", ["829 320 00074"]),
    "compact SIRET": ("siret 55208131766522 refusé au paiement", ["55208131766522"]),
    "customer number": ("mon n° client 00771349 n'existe pas selon vous", ["00771349"]),
    "parcel": ("le colis XY123456789FR tourne en rond", ["XY123456789FR"]),
    "link to a parcel": ("voir https://www.suivi.example/6A12345678901/etat svp", ["6A12345678901"]),
    "American number": ("my SSN 219-09-9999 is on the ticket", ["219-09-9999"]),
    "signature": ("Still waiting for my seats. Kind regards, Cressida Blythe", ["Cressida", "Blythe"]),
    "lower case": ("my name is ottoline and nobody answers", ["ottoline"]),
}
SAID = PLANTED | MORE
AUTHOR = "Philippa Nightingale"
FIELDS = {
    # By the width of the sample's tables, survey and Trustpilot, and by column: who answered, from where, a reply.
    24: {3: "203.0.113.77", 9: "Nightingale", 10: "Philippa", 11: "p.nightingale@boite.example", 12: "CUST-8842137"},
    17: {3: AUTHOR, 4: "p.nightingale@boite.example", 14: "CUST-8842137", 16: "Dear Philippa, call 020 7946 0321"},
}
PRIVATE = ["Nightingale", "203.0.113.77", "CUST-8842137", "7946 0321", "Rowena", "07700 900417", "07700900417"]


def sentences(place: int, n: int) -> str:
    """What one record of several says, so that all records together hold every kind."""
    return " ".join(f"{said}." for said, _ in list(SAID.values())[place::n])


def planted(records):
    """Records of an export with personal data in the fields that hold free text, authors and replies."""
    return [_filled(record, sentences(place, len(records))) for place, record in enumerate(records)]


def _filled(record, said: str):
    if isinstance(record, dict):
        private = {"text": said, "description": said, "subject": "Rappeler le 07700 900417", "raw_subject": said}
        return {key: private.get(key, value) for key, value in record.items()}
    fields = FIELDS.get(len(record), {})
    written = [place for place, cell in enumerate(record) if not cell.startswith("http")]
    longest = max(written, key=lambda place: len(record[place]))
    return [said if place == longest else fields.get(place, cell) for place, cell in enumerate(record)]


@pytest.fixture(scope="module")
def files(tmp_path_factory, models) -> dict[str, str]:
    root = tmp_path_factory.mktemp("families")
    settings = small.TINY | {"encoder": str(models / "encoder"), "sentiment": str(models / "classifier")}
    shown = {"report": {"languages": ["en", "fr"]}, "exports": ["csv", "mermaid", "parquet", "xlsx"]}
    pipeline = small.cut(
        root, rows=5, weeks=["46"], arrange=planted, rename=lambda name: f"Rowena Tideswell 07700900417 {name}",
        **(settings | shown),
    )  # fmt: skip
    run.run(pipeline, week="2026-W46")
    return left(root)


def test_no_family_leaves_anything_personal_in_any_file_nor_in_the_name_of_its_own(files):
    assert {Path(name).suffix for name in files} >= {".parquet", ".json", ".html", ".csv", ".xlsx", ".mmd"}
    secrets = [secret for _, fragments in SAID.values() for secret in fragments] + PRIVATE
    assert [(secret, name) for secret in secrets for name, text in files.items() if secret in text + name] == []


def test_every_family_and_every_kind_was_read_and_replaced(files):
    stored = next(text for name, text in files.items() if name.endswith("comments.parquet"))
    assert [kind for kind in PLANTED if f"<{kind}>" not in stored] == []
    for source in ("post_show_survey", "trustpilot", "app_reviews", "x_posts", "support_tickets"):
        assert source in stored

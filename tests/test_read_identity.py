"""Ids of the export are stored as they are unless they tell who somebody is."""

import pytest

from feedback.read.identity import is_personal


@pytest.mark.parametrize(
    "value",
    [
        "ann@example.org", "06 12 34 56 78", "0612345678", "07700 900123", "+44 7700 900123", "@jdupont",
        "Ann Onym", "Dupont, Jean", "Dupont,Jean", "M. Dupont", "4111 1111 1111 1111", "4111111111111111",
        "12 rue de la Paix", "FR76 3000 6000 0112 3456 7890 189", "184127645108946", "https://x.com/ann",
    ],
)  # fmt: skip
def test_what_tells_a_person_is_personal(value):
    assert is_personal(value)


@pytest.mark.parametrize(
    "value",
    [
        "R_3fGh", "1853202411", "4165550148", "48213", "SC-1234567", "2f1e-44", "gp:AOq1", "1985000000000000001",
        "2000000000000000004", "550e8400-e29b-41d4-a716-446655440000", "2026-11-21T10:00:00Z", "Response 12",
    ],
)  # fmt: skip
def test_ids_of_exports_are_not(value):
    assert not is_personal(value)

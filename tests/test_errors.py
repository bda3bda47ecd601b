"""What people read when something is wrong is one line that says what to do."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedback import errors
from feedback.errors import FeedbackError, UsageError, nearest

TREE = (errors.UsageError, errors.FileError, errors.ReadError, errors.ModelError, errors.StoreError)


def test_a_message_says_where_what_got_allowed_and_what_to_do():
    error = FeedbackError(
        "unknown key", where="a.yaml, line 3", got="x", allowed=["y", "z"], remedy="did you mean 'y'?"
    )
    assert str(error) == "a.yaml, line 3: unknown key. Got 'x'; allowed: y, z. Did you mean 'y'?"


def test_a_question_or_exclamation_gets_no_further_full_stop():
    assert str(FeedbackError("what is this?", remedy="save the file!")) == "what is this? Save the file!"


@given(st.text(), st.text(), st.text(), st.lists(st.text(), max_size=3), st.text())
def test_a_message_is_one_line_whatever_it_quotes(what, where, got, allowed, remedy):
    line = str(FeedbackError(what, where=where, got=got, allowed=allowed, remedy=remedy))
    assert len(line.splitlines()) <= 1


def test_a_long_value_is_cut():
    assert len(str(FeedbackError("too long", got="x" * 10_000))) < 200


@pytest.mark.parametrize("kind", TREE)
def test_every_error_is_ours_and_only_misuse_exits_with_2(kind):
    assert issubclass(kind, FeedbackError)
    assert kind.exit_code == (2 if kind is UsageError else 1)


@pytest.mark.parametrize(("name", "hint"), [("timezon", "did you mean 'timezone'?"), ("zzz", ""), ("", "")])
def test_the_nearest_valid_name_is_offered_or_none(name, hint):
    assert nearest(name, ["timezone", "journey"]) == hint

from __future__ import annotations

import re
import signal
import warnings

import pytest
from hypothesis import given, reject
from hypothesis import strategies as st

from snakepit_bridge._session.variable_types.pattern_parser import PatternError
from snakepit_bridge._session.variable_types.text_pattern import TextPattern

# No white space beyond ASCII.
TEXTS = st.text("abcA09_- \n.é🐍", max_size=8)

MEMBERS = st.sampled_from(["a", "b", "_", "é", "🐍", "0-9", "a-c", r"\d", r"\W", r"\-", r"\]", "."])
CHARACTERS = st.one_of(
    st.sampled_from(["a", "b", "é", "🐍", "-", ".", r"\d", r"\D", r"\w", r"\W", r"\.", r"\n", r"\x61", r"\u00e9"]),
    st.builds(
        lambda negation, members: f"[{negation}{''.join(members)}]",
        st.sampled_from(["", "^"]),
        st.lists(MEMBERS, min_size=1, max_size=3),
    ),
)
REPEATS = st.sampled_from(["", "", "?", "*", "+", "{0}", "{2}", "{1,}", "{0,2}"])


def alternatives(parts):
    return st.lists(st.lists(parts, max_size=3).map("".join), min_size=1, max_size=2).map("|".join)


def groups(parts):
    return st.builds("{}{}){}".format, st.sampled_from(["(", "(?:"]), alternatives(parts), REPEATS)


REPEATED = st.builds("{}{}".format, CHARACTERS, REPEATS) | st.sampled_from(["^", "$"])
PATTERNS = alternatives(st.recursive(REPEATED, groups, max_leaves=6))
ATTEMPTS = st.text("ab09,-.^$|?*+()[]{}\\/dwspux:=<!é🐍", max_size=14)


def in_python(pattern):
    """Write a pattern as Python's own regular expressions have it, where $ means the place before a line feed, too."""
    return re.sub(r"(\\.|\[(?:\\.|[^]\\])*\])|\$", lambda found: found[1] or r"\Z", pattern)


def is_found_by_python(pattern, text):
    """Search as Python does; reject an example in which its engine runs away, as ours never does."""

    def run_away(signal_number, frame):
        raise RunAwayError

    usual = signal.signal(signal.SIGVTALRM, run_away)
    # Of processor time, for it is no matter of how busy the machine is.
    signal.setitimer(signal.ITIMER_VIRTUAL, 0.1)
    try:
        return re.search(in_python(pattern), text, re.ASCII) is not None
    except RunAwayError:
        reject()
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, usual)


class RunAwayError(Exception):
    pass


@given(PATTERNS, TEXTS)
def test_finds_what_the_regular_expressions_of_python_find(pattern, text):
    expected = is_found_by_python(pattern, text)
    assert TextPattern.of(pattern).is_found_in(text) == expected


@given(ATTEMPTS)
def test_what_is_a_pattern_is_one_to_python_too(attempt):
    try:
        TextPattern.of(attempt)
    except PatternError as error:
        assert re.match(r"at character \d+: .{10,}|with its repeats|it has more", str(error))
    else:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", FutureWarning)
            re.compile(in_python(attempt), re.ASCII)


@pytest.mark.parametrize("pattern", ["^(a+)+$", "^(a|a)*$", "^(a|aa)+$", "^a*a*a*a*a*a*a*a*$", "(?:a?){30}a{30}$"])
def test_does_not_run_away(pattern):
    assert not TextPattern.of(pattern).is_found_in("a" * 5_000 + "!")

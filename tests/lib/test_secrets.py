"""Secrets: kept for their owner alone, one key a purpose, and nothing forged, stretched or swapped gets through."""

import stat
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.lib.secrets import (
    Refused,
    derive,
    digest,
    load_or_make,
    matches,
    mint,
    sign,
    stamp,
    stamped,
    token_id,
    verify,
)

SECRET = b"the secret of these tests"
NOW = 1_773_105_240_000_000
SECOND = 1_000_000
CLAIMS = st.dictionaries(st.text(max_size=10), st.text(max_size=30), max_size=5)


def test_a_secret_is_made_once_and_is_its_owners_alone(tmp_path):
    path = tmp_path / "tocsin.secret"
    made = load_or_make(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert load_or_make(path) == made
    assert len(made) >= 43


def test_a_file_that_others_could_read_is_closed_to_them(tmp_path):
    path = tmp_path / "tocsin.secret"
    path.write_text("a secret of more than sixteen\n")
    path.chmod(0o644)
    assert load_or_make(path) == b"a secret of more than sixteen"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_given_secret_wins_and_a_short_one_is_refused(tmp_path):
    path = tmp_path / "tocsin.secret"
    assert load_or_make(path, "a secret from the environment") == b"a secret from the environment"
    assert not path.exists()
    with pytest.raises(ValueError, match="at least 16"):
        load_or_make(path, "short")


@given(CLAIMS, st.integers(0, 2**53))
def test_what_was_signed_is_read_back_until_it_expires(claims, expires):
    token = sign("acknowledge", claims, expires, SECRET)
    assert set(token) <= set(string.ascii_letters + string.digits + "_-.")
    assert verify(token, "acknowledge", expires // SECOND * SECOND - 1, SECRET) == claims
    assert verify(token, "acknowledge", expires, SECRET) == Refused("expired")


def test_a_signature_is_good_for_one_purpose_and_one_secret():
    token = sign("acknowledge", {"incident": "INC-1"}, NOW + SECOND, SECRET)
    assert verify(token, "session", NOW, SECRET) == Refused("forged")
    assert verify(token, "acknowledge", NOW, SECRET + b"!") == Refused("forged")
    assert derive(SECRET, "a") != derive(SECRET, "b") != derive(SECRET, "link:a")


def test_a_stamp_is_good_for_its_octets_its_purpose_and_its_secret():
    made = stamp("root", b"digest", SECRET)
    assert stamped("root", b"digest", made, SECRET)
    assert not stamped("root", b"Digest", made, SECRET)
    assert not stamped("webhook", b"digest", made, SECRET)
    assert not stamped("root", b"digest", made, SECRET + b"!")


@given(st.data())
def test_no_change_of_a_token_is_accepted(data):
    token = sign("acknowledge", {"incident": "INC-1", "person": "ana"}, NOW + SECOND, SECRET)
    at = data.draw(st.integers(0, len(token) - 1))
    other = data.draw(st.sampled_from(string.ascii_letters + string.digits + "_-.=").filter(lambda c: c != token[at]))
    assert isinstance(verify(token[:at] + other + token[at + 1 :], "acknowledge", NOW, SECRET), Refused)
    assert isinstance(verify(token[:at], "acknowledge", NOW, SECRET), Refused)


@given(st.text())
def test_any_text_is_refused_without_an_exception(text):
    assert verify(text, "acknowledge", NOW, SECRET) == Refused("malformed")
    assert verify(f"tsl_{text}.{text}", "acknowledge", NOW, SECRET) == Refused("malformed")
    assert token_id(text) == ""


def test_a_minted_token_is_random_found_by_its_id_and_kept_as_a_digest():
    one, other = mint(), mint()
    assert one.text != other.text
    assert token_id(one.text) == one.id
    assert one.text.startswith(f"toc_{one.id}_")
    assert len(one.text.rpartition("_")[2]) * 5 == 160
    assert one.text.rpartition("_")[2] not in one.digest
    assert matches(one.text, one.digest)
    assert not matches(other.text, one.digest)


@pytest.mark.parametrize("kept", ["", "x", digest(""), digest("other")])
def test_an_empty_or_wrong_key_never_matches(kept):
    assert not matches("", kept)
    assert not matches("\ud800", kept)

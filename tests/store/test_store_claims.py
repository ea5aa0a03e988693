"""Claims on runs in training: had by one living process at a time."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from regcli.store import store_claims
from regcli.store.store import Store, open_store
from regcli.store.store_claims import SECONDS_TO_LIVE, Claimant


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with open_store(tmp_path / "runs") as opened:
        yield opened


HERE, ELSEWHERE = Claimant.here("a"), Claimant("b", "1:1", "another machine")


def test_a_claim_is_had_by_one(store: Store) -> None:
    assert store.claim(["aaaa", "bbbb"], HERE) == {"aaaa", "bbbb"}
    assert store.claim(["aaaa", "cccc"], Claimant.here("other")) == {"cccc"}
    assert store.claim(["aaaa", "bbbb", "cccc"], HERE) == {"aaaa", "bbbb"}
    store.release(HERE)
    assert store.claim(["aaaa", "cccc"], ELSEWHERE) == {"aaaa"}


def test_claims_of_a_dead_process_of_this_machine_expire_at_once(store: Store) -> None:
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    dead = Claimant("dead", f"{ended.pid}:1", HERE.machine)
    assert store.claim(["aaaa"], dead) == {"aaaa"}
    assert store.claim(["aaaa"], HERE) == {"aaaa"}


def test_a_number_that_was_given_again_is_not_the_process_that_claimed(store: Store) -> None:
    number, _, began = HERE.process.partition(":")
    assert int(number) == os.getpid()
    if not began:
        pytest.skip("this system does not tell when a process began")
    earlier = Claimant("earlier", f"{number}:{int(began) - 1}", HERE.machine)
    store.claim(["aaaa"], earlier)
    assert store.claim(["aaaa"], HERE) == {"aaaa"}


def test_claims_of_another_machine_live_as_long_as_its_heart_beats(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = time.time()
    monkeypatch.setattr(store_claims.time, "time", lambda: now)
    assert store.claim(["aaaa"], ELSEWHERE) == {"aaaa"}
    now += SECONDS_TO_LIVE - 1
    assert store.claim(["aaaa"], HERE) == set()
    store.keep_claims(ELSEWHERE)
    now += SECONDS_TO_LIVE - 1
    assert store.claim(["aaaa"], HERE) == set()
    now += 2
    assert store.claim(["aaaa"], HERE) == {"aaaa"}

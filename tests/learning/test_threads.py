"""PyTorch's threads sleep while they wait, whichever module is imported first."""

import os
import subprocess
import sys

import pytest

SPY = """
import os, sys

def note(event, arguments):
    if event == "import" and arguments[0] == "torch":
        print(os.environ.get("OMP_WAIT_POLICY"))

sys.addaudithook(note)
import {}
"""
MODULES = ["learning.weights", "display.network_bench_training"]


@pytest.mark.parametrize("first", MODULES)
@pytest.mark.parametrize(("asked", "wanted"), [(None, "passive"), ("active", "active")])
def test_threads_sleep_unless_the_user_says_otherwise(first, asked, wanted):
    surroundings = {k: v for k, v in os.environ.items() if k != "OMP_WAIT_POLICY"}
    if asked:
        surroundings["OMP_WAIT_POLICY"] = asked
    command = [sys.executable, "-c", SPY.format(f"lessons_lib.{first}")]
    done = subprocess.run(command, env=surroundings, capture_output=True, text=True)
    assert done.stdout.split()[:1] == [wanted], done.stderr

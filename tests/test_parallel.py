"""Work shared among processes gives what it gives in one."""

from __future__ import annotations

import pickle
import subprocess
import sys

import pytest

from rolecall.discover import discover
from rolecall.discover.modules import with_roots
from rolecall.reading import Reader
from rolecall.workspace import Workspace
from tests.fixtures import ROOT
from tests.worlds import BUILTIN, inside

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="work is shared where a process can be copied")

# Each runs in a process of its own: one with threads, as pytest's may be, is not copied.
SAME = """
print(mapped(lambda number: number * number, range(1000), cores=3, patience=0) == [n * n for n in range(1000)])
"""
ELSEWHERE = """
here = os.getpid()
def work(number):
    time.sleep(0.01)
    return os.getpid()
print(len(set(mapped(work, range(60), cores=3, patience=0))) == 3)
"""
PATIENT = """
print(set(mapped(lambda _: os.getpid(), range(100), cores=3, patience=60)) == {os.getpid()})
"""
KILLED = """
here = os.getpid()
def work(number):
    if os.getpid() != here:
        os.kill(os.getpid(), 9)
    time.sleep(0.005)
    return number
print(mapped(work, range(100), cores=3, patience=0) == list(range(100)))
"""
UNPICKLABLE = """
made = mapped(lambda number: (lambda: number), range(100), cores=3, patience=0)
print([one() for one in made] == list(range(100)))
"""
RAISING = """
def work(number):
    if number == 50:
        raise KeyError(number)
    return number
try:
    mapped(work, range(100), cores=3, patience=0)
except KeyError as error:
    print(error.args == (50,))
"""
THREADED = """
import threading
wait = threading.Event()
threading.Thread(target=wait.wait, daemon=True).start()
print(set(mapped(lambda _: os.getpid(), range(100), patience=0)) == {os.getpid()})
"""
CASES = {name.lower(): value for name, value in list(globals().items()) if name.isupper() and isinstance(value, str)}


@pytest.mark.parametrize("name", CASES)
def test_shared_work(name: str) -> None:
    code = "import os, time\nfrom rolecall.parallel import mapped\n" + CASES[name]
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False)
    assert (done.stdout.strip(), done.stderr) == ("True", "")


@pytest.mark.parametrize("rule", [rule.name for rule in BUILTIN])
def test_facts_are_plain_data(rule: str) -> None:
    world = ROOT / "fixtures" / rule / "fail" / "example"
    with inside(world):
        discovery = discover(["."], Workspace(world))
        reader = Reader(discovery.workspace)
        facts = [reader.read(unit) for unit in with_roots(discovery.units)]
    assert facts
    assert pickle.loads(pickle.dumps(facts)) == facts  # noqa: S301 - made here

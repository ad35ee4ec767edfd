"""How many questions a second the engine answers about trust policies, on one core; and a whole batch.

python -m tests.benchmarks.questions
"""

from __future__ import annotations

import json
import subprocess
import sys
import time

from rolecall.answer import Answer
from rolecall.iam.issuers import Issuer
from rolecall.iam.trust import Token
from rolecall.iam.trust_prepared import Prepared
from tests.policies import read, wrapped

POLICIES = 200
QUESTIONS = 100_000
LINES = 5_000
PROMISED = 20_000
"""Questions a second."""
HOST = "oidc.eks.eu-west-1.amazonaws.com/id/0A1B2C3D4E5F60718293A4B5C6D7E8F9"


def policy(number: int) -> dict[str, object]:
    """A trust policy like real ones: a service account or a namespace, sometimes a Deny or another cluster."""
    subject = f"system:serviceaccount:n{number}:{'app' if number % 2 else '*-worker'}"
    condition = {
        "StringEquals": {f"{HOST}:aud": "sts.amazonaws.com"},
        "StringLike": {f"{HOST}:sub": subject},
    }
    allow = {
        "Effect": "Allow",
        "Principal": {"Federated": f"arn:aws:iam::111122223333:oidc-provider/{HOST}"},
        "Action": "sts:AssumeRoleWithWebIdentity",
        "Condition": condition,
    }
    deny = {
        "Effect": "Deny",
        "Principal": "*",
        "Action": "sts:*",
        "Condition": {"StringLike": {f"{HOST}:sub": "system:serviceaccount:*:default"}},
    }
    return wrapped(*([allow, deny] if number % 3 == 0 else [allow]))


def engine() -> bool:
    """Questions to the engine, different ones to all policies in turn."""
    policies = [Prepared(read(policy(number))) for number in range(POLICIES)]
    issuer = Issuer((HOST,))
    tokens = [
        Token(issuer, (f"system:serviceaccount:n{index % (2 * POLICIES)}:app",), ("sts.amazonaws.com",))
        for index in range(QUESTIONS)
    ]
    started = time.process_time()
    yes = sum(policies[index % POLICIES].decide(one).answer is Answer.YES for index, one in enumerate(tokens))
    rate = QUESTIONS / (time.process_time() - started)
    kept = rate >= PROMISED
    print(f"engine  {rate:10,.0f} questions a second of CPU time, {yes} of {QUESTIONS} yes", end="")
    print(f" (promised {PROMISED:,}) {'kept' if kept else 'NOT KEPT'}")
    return kept


def batch() -> None:
    """A whole process: lines with policies of their own, answers with reasons."""
    lines = [
        {"policy": policy(number % POLICIES), "issuer": HOST, "subject": f"system:serviceaccount:n{number}:app"}
        for number in range(LINES)
    ]
    data = "\n".join(map(json.dumps, lines)).encode()
    started = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-m", "rolecall", "admits", "--batch", "-"], input=data, capture_output=True, check=True
    )
    seconds = time.perf_counter() - started
    print(f"batch   {LINES / seconds:10,.0f} lines a second, each with a policy of its own and reasons", end="")
    print(f" ({len(done.stdout.splitlines())} answers in {seconds:.2f} s)")


if __name__ == "__main__":
    fast = engine()
    batch()
    sys.exit(not fast)

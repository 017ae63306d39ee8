"""The process that `bench.reading` measures: reads and indexes policies, with nothing else loaded.

As in the function, nobody looks for garbage meanwhile. Prints what each policy costs, as JSON.
"""

from invitation_responder import startup

# isort: split
import json
import sys
import tracemalloc
from time import process_time

from bench.workload import make_policy
from invitation_responder.core.decision import Decider
from invitation_responder.core.policy import Policy


def time_reading(document: bytes) -> tuple[float, float, float]:
    """The seconds for `json.loads`, reading and indexing, without those to forget the results."""
    begin = process_time()
    fields = json.loads(document)
    parsing = process_time() - begin
    del fields
    begin = process_time()
    policy = Policy.from_json(document)
    read = process_time()
    decider = Decider(policy)
    indexed = process_time()
    del decider
    return parsing, read - begin, indexed - read


def weigh(document: bytes) -> tuple[int, int]:
    """The bytes of the policy, and of what a decider keeps besides."""
    tracemalloc.start()
    try:
        policy = Policy.from_json(document)
        read, _ = tracemalloc.get_traced_memory()
        decider = Decider(policy)
        indexed, _ = tracemalloc.get_traced_memory()
        del decider
    finally:
        tracemalloc.stop()
    return read, indexed - read


def main(rounds: int, sizes: list[int]) -> None:
    """Time the policies in turns, then weigh what is kept of each."""
    documents = {rules: make_policy(rules).to_json() for rules in sizes}
    times = {rules: [(0.0, 0.0, 0.0)] * rounds for rules in sizes}
    for turn in range(rounds):
        for rules, document in documents.items():
            times[rules][turn] = time_reading(document)
    startup.finish()
    costs = []
    for rules, document in documents.items():
        parsing, reading, indexing = map(min, zip(*times[rules], strict=True))
        costs.append((rules, parsing, reading, indexing, len(document), *weigh(document)))
    sys.stdout.write(json.dumps(costs) + "\n")


if __name__ == "__main__":
    main(int(sys.argv[1]), [int(rules) for rules in sys.argv[2:]])

"""The processes that benchmarks measure: their Pythons and their environment."""

import os
import re
from typing import Final

from bench.report import ROOT

# The peers are installed apart from the product.
PEERS_PYTHON: Final = ROOT / ".bench" / "bin" / "python"


def own_environment() -> dict[str, str]:
    """This process's environment without settings of AWS and of proxies, and without files of them."""
    is_foreign = re.compile(r"(AWS|POWERTOOLS)_.*|.*_PROXY", re.IGNORECASE).fullmatch
    own = {name: value for name, value in os.environ.items() if not is_foreign(name)}
    return own | {"AWS_CONFIG_FILE": os.devnull, "AWS_SHARED_CREDENTIALS_FILE": os.devnull}

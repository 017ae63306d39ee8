"""Several apps in one process, whose start takes the most time: one for each schedule that it is given."""

import os
import sys
import tempfile
from pathlib import Path

from aws_cdk import App

from infra.configuration import read_configuration
from infra.stack import AccountStack


def main() -> None:
    """Synthesize each stack in a folder named by its schedule; what the function runs is a folder without anything."""
    out = Path(os.environ["CDK_OUTDIR"])
    with tempfile.TemporaryDirectory() as code:
        for schedule in sys.argv[1:]:
            app = App(outdir=str(out / schedule))
            configuration = read_configuration({"schedule": schedule}, root=Path(code))
            AccountStack(app, configuration=configuration, code=Path(code), code_sha256="0" * 64, answers=[NOTHING])
            app.synth()


NOTHING = {"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Action": ["a:b"], "Resource": ["c"]}]}

if __name__ == "__main__":
    main()

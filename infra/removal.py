"""The app for `cdk destroy`, which wants a stack's name and nothing else: removing needs no policy."""

from aws_cdk import App, CfnWaitConditionHandle, Stack

from infra.stack import STACK_NAME


def main() -> None:
    """Synthesize a stack of that name, with next to nothing in it: it is never deployed."""
    app = App()
    # A template without resources is none, and the CDK would say so.
    CfnWaitConditionHandle(Stack(app, STACK_NAME), "Nothing")
    app.synth()


if __name__ == "__main__":
    main()

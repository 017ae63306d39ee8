"""The app for `cdk destroy`, which needs only the stack's name, and no policy."""

from aws_cdk import App, CfnWaitConditionHandle, Stack

from infra.stack import STACK_NAME


def main() -> None:
    """Synthesize an almost empty stack of that name, which is never deployed."""
    app = App()
    # The CDK rejects a template without resources.
    CfnWaitConditionHandle(Stack(app, STACK_NAME), "Nothing")
    app.synth()


if __name__ == "__main__":
    main()

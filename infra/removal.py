"""The app for `cdk destroy`, which needs only the stacks' names, and no policy."""

from aws_cdk import App, BootstraplessSynthesizer, CfnWaitConditionHandle, Stack

from infra import home_region, member, stack


def main() -> None:
    """Synthesize almost empty stacks of these names, which are never deployed."""
    app = App()
    others = (member.STACK_NAME, home_region.STACK_NAME)
    stacks = [
        Stack(app, stack.STACK_NAME),
        *(Stack(app, name, synthesizer=BootstraplessSynthesizer()) for name in others),
    ]
    for each in stacks:
        # The CDK rejects a template without resources.
        CfnWaitConditionHandle(each, "Nothing")
    app.synth()


if __name__ == "__main__":
    main()

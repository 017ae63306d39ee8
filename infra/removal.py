"""The app for `cdk destroy`, which needs only the stacks' names, and no policy."""

import os

from aws_cdk import App, BootstraplessSynthesizer, CfnWaitConditionHandle, Environment, Stack

from infra import home_region, member, stack


def main() -> None:
    """Synthesize almost empty stacks of these names, which are never deployed."""
    app = App()
    bare = BootstraplessSynthesizer
    stacks = [Stack(app, stack.STACK_NAME), Stack(app, member.STACK_NAME, synthesizer=bare())]
    if home := home_region.other_home_region(os.environ.get("CDK_DEFAULT_REGION")):
        stacks.append(Stack(app, home_region.STACK_NAME, env=Environment(region=home), synthesizer=bare()))
    for each in stacks:
        # The CDK rejects a template without resources.
        CfnWaitConditionHandle(each, "Nothing")
    app.synth()


if __name__ == "__main__":
    main()

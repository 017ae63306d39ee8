"""Features of AWS that the stacks use and ministack lacks. Each module has a function `install`.

They run in ministack's own process. ministack has no hooks for them, so that they replace its private functions.
"""

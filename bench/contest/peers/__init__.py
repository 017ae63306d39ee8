"""The peers: what users would decide with instead, a module each. They run in an environment of their own.

Each has its policy in the fastest form that its documentation offers, compiled before, and input that is parsed before
as far as its API allows.
"""

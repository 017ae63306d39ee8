"""The contest of `bench.decisions`: ours, the ceiling and the peers decide about the same handshakes."""

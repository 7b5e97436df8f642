"""RUNS: the local stack, real parts kept alive by one supervisor."""

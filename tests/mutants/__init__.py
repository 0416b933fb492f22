"""Mutation testing of the engine: `make mutants`. Small changes to `cityindex/scoring` that the tests must notice.

Of the published tools, mutmut and cosmic-ray draw no sample by a seed, and mutmut leaves class bodies, constants of
modules and decorated functions alone; so there is one of our own, of the size that the question needs.
"""

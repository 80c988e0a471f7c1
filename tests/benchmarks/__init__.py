"""How fast the collection is: ratios of plays, measured side by side in one run against the embedded broker.

``python -m tests.benchmarks`` measures, writes docs/benchmarks.md, and fails if a target is missed.
"""

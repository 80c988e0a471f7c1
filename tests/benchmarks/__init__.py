"""How fast the collection is: ratios, measured side by side in one run against the embedded broker.

``python -m tests.benchmarks`` measures, writes docs/benchmarks.md and fails where a target is missed.
"""

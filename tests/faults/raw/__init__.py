"""Faults below HTTP: a hostile server and a proxy on plain sockets, which are not the embedded broker.

Each case runs under a wall-clock deadline (deadlines.py): a hang is a failed test, and does not stop the suite.
"""

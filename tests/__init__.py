"""Tests of the collection, and the embedded broker that they run against."""

"""Stands in for matplotlib where it is not installed."""

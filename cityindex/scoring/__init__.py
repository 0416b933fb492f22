"""Composite indicators: numbers in, scores out. Pure NumPy; no SQL, no Flask, no clock."""

"""City indicators: defined in files, scored, published, compared and exchanged."""

__version__ = "0.1.0"

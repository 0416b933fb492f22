"""SDMX: the standard's nouns, and writers of its messages. They stream: memory does not grow with the data."""

"""Jobs: what happens by the clock. Beside the pages and the commands, and as thin as they are."""

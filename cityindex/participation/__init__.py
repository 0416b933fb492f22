"""The rules of taking part: progress of targets, counting of voices, what a reason may hold. Pure; no clock, no SQL."""

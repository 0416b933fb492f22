"""Paper: pages as PDF."""

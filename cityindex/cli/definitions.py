"""`cityindex definitions`: check the definition files."""

from __future__ import annotations

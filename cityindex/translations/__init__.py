"""The catalogues of messages. English is what the code says; Thai is written in `th/LC_MESSAGES/messages.po`."""

from pathlib import Path

FOLDER = Path(__file__).parent
LANGUAGES = ("th", "en")

"""The public pages. A module a subject, each with its blueprint; its address begins with the language."""

from cityindex.web.pages.about import about
from cityindex.web.pages.home import home
from cityindex.web.pages.places import places

BLUEPRINTS = (home, places, about)

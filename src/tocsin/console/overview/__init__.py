"""The overview."""

from tocsin.console.overview import view
from tocsin.console.overview.drawing import draw
from tocsin.console.page import Page

PAGE = Page(path="/overview", title="Overview", look=view.look, draw=draw)

"""The page of logs."""

from tocsin.console.logs import view
from tocsin.console.logs.drawing import draw
from tocsin.console.page import Page

PAGE = Page(path="/logs", title="Logs", look=view.look, draw=draw, every=None)

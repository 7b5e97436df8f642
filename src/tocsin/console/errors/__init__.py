"""The page of errors."""

from tocsin.console.errors import view
from tocsin.console.errors.drawing import draw
from tocsin.console.page import Page

PAGE = Page(path="/errors", title="Errors", look=view.look, draw=draw, every=10.0)

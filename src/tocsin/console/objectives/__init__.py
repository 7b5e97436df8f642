"""The page of objectives."""

from tocsin.console.objectives import view
from tocsin.console.objectives.drawing import draw
from tocsin.console.page import Page

PAGE = Page(path="/objectives", title="Objectives", look=view.look, draw=draw, every=15.0)

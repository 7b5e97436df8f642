"""The page of the catalog."""

from tocsin.console.catalog import view
from tocsin.console.catalog.drawing import draw
from tocsin.console.page import Page

PAGE = Page(path="/catalog", title="Catalog", look=view.look, draw=draw, every=None)

"""The page of runbooks."""

from tocsin.console.page import Page
from tocsin.console.runbooks import view
from tocsin.console.runbooks.drawing import draw

PAGE = Page(path="/runbooks", title="Runbooks", look=view.look, draw=draw, below="/{service}/{alert}", every=None)

"""The page of the proof."""

from tocsin.console.page import Page
from tocsin.console.proof import view
from tocsin.console.proof.drawing import draw

PAGE = Page(path="/proof", title="Proof", look=view.look, draw=draw, every=30.0)

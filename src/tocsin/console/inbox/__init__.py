"""The page of the inbox."""

from tocsin.console.inbox import view
from tocsin.console.inbox.drawing import draw
from tocsin.console.page import Page

PAGE = Page(path="/inbox", title="Inbox", look=view.look, draw=draw)

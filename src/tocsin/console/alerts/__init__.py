"""The page of alerts."""

from tocsin.console.alerts import view
from tocsin.console.alerts.drawing import draw
from tocsin.console.page import Page

PAGE = Page(path="/alerts", title="Alerts", look=view.look, draw=draw)

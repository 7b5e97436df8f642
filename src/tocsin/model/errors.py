"""What is said to a user when something cannot go on."""


class TocsinError(Exception):
    """Something a user can mend; its text is one sentence that says what, where and what to do."""


class DeclarationError(TocsinError, ValueError):
    """A declaration is wrong."""

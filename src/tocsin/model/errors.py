"""What is said when a declaration cannot stand."""


class DeclarationError(ValueError):
    """A declaration is wrong; its text is one sentence that says what, where and what to do."""

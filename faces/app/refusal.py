"""Why a request is not answered: words for whoever calls the API, a code for the page."""

from faces.core.errors import UserError


class Refusal(UserError):
    """Say what was wrong with a request.

    Attributes:
        status: of HTTP. code: the key in texts.json, under which the page has it in its language.
        values: what that text names.
    """

    def __init__(self, status: int, code: str, expected: str, received: str, todo: str, **values):
        super().__init__(expected, received, todo)
        self.status, self.code, self.values = status, code, values

    def content(self) -> dict:
        """The JSON that is answered.

        >>> Refusal(400, "none", "a photo", "none", "Send one.").content()
        {'error': 'Expected a photo. Received: none. Send one.', 'code': 'none', 'values': {}}
        """
        return {"error": str(self), "code": self.code, "values": self.values}

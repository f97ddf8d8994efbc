"""What a service logs as errors: a traceback that nobody was meant to see."""

import logging


class Errors(logging.Handler):
    """Keeps every record that is an error or worse."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.messages: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.messages.append(self.format(record))

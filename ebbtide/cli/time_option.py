"""A time given on the command line."""

import typer


def time_us(text: str | None, option: str = "--at") -> int | None:
    """Microseconds since 1970 of an RFC 3339 text; None where none was given."""
    from streams.events.instants import instant_us
    from streams.events.refusals import RefusedError

    try:
        return instant_us(text, None, None) if text is not None else None
    except RefusedError as error:
        raise typer.BadParameter(f"{error.message}; one is 2026-12-31T00:00:00Z", param_hint=option) from None

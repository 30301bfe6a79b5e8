"""The parameters of an address: what is not known is refused, and not passed over in silence."""

from collections.abc import Callable

from starlette.requests import Request

from app.errors import parameter_repeated, parameters_wrong


def only(*known: str) -> Callable[[Request], None]:
    """Return what lets a request pass that has no parameters but these, each once.

    It raises Rejected (400): whoever restricts a list by a word that is not known here would take
    the whole of it for what was asked.
    """

    def check(request: Request) -> None:
        parameters = request.query_params
        for name in parameters:
            if name not in known:
                has = " and ".join(f"“{one}”" for one in known) or "none"
                raise parameters_wrong(
                    f"“{name}” is no parameter of this address, which has {has}."
                )
            if len(parameters.getlist(name)) > 1:
                raise parameter_repeated(name)

    return check

"""Azure OpenAI."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlunsplit

from realtime_scenarios.core import ProviderError, UsageError
from realtime_scenarios.core.addresses import address_parts
from realtime_scenarios.model.provider import variables_of
from realtime_scenarios.project.models import ROLES
from realtime_scenarios.providers.provider import Opened, ProviderRequest
from realtime_scenarios.providers.remote import config_of, key_in, opened, realtime_url, text_url, value_in, with_model
from realtime_scenarios.providers.text import LiveText


@dataclass(frozen=True, slots=True)
class Azure:
    """Azure OpenAI's GA path: `/openai/v1/realtime?model=DEPLOYMENT`, no api-version, the key in `api-key`.

    Source: Microsoft's GA migration notes, as gathered in openai-agents-python issue 1748 and pull request 2440.
    """

    name: str = "azure"
    needs: tuple[str, ...] = variables_of("azure")
    scripted: bool = False
    real_time: bool = True

    def open(self, request: ProviderRequest) -> Opened:
        endpoint_variable, key_variable, deployment_variable = self.needs
        variable = request.key_env or key_variable
        key = key_in(request, variable)
        endpoint = request.url or value_in(request, endpoint_variable)
        named = None if request.model in ROLES else request.model  # a deployment may be called as its model is
        deployment = request.deployment or value_in(request, deployment_variable) or named
        needed = {variable: key, endpoint_variable: endpoint, deployment_variable: deployment}
        if missing := [name for name, value in needed.items() if not value]:
            raise ProviderError(
                f"Azure OpenAI needs {', '.join(missing)}",
                hint=f"set {missing[0]}; `scenario run --provider offline` needs no key",
            )
        assert key and endpoint and deployment
        url = with_model(_azure_url(endpoint), deployment)
        text = LiveText(request, request.text_url or text_url(_azure_url(endpoint)), key, "responses")
        return opened(self.name, request, config_of(url, {"api-key": key}), deployment, key, variable, text)


def _azure_url(endpoint: str) -> str:
    """The GA address below an endpoint, with or without `/openai/v1` at its end.

    Raises:
        UsageError: it is no address.
    """
    parts = address_parts(endpoint, ("http", "https", "ws", "wss"), assumed="https")
    if parts is None:
        raise UsageError(f"'{endpoint}' is no address of a server", hint="write it like https://NAME.openai.azure.com")
    path = parts.path.rstrip("/").removesuffix("/realtime").removesuffix("/openai/v1").removesuffix("/openai")
    return realtime_url(urlunsplit((parts.scheme, parts.netloc, f"{path}/openai/v1", "", "")))


AZURE = Azure()

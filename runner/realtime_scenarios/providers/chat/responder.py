"""A text model behind chat completions, in the part of the voice model."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing

from openai import AsyncOpenAI

from realtime_scenarios.providers.chat.failures import FAILURES, Endpoint, failed_answer
from realtime_scenarios.providers.chat.messages import completion_request
from realtime_scenarios.providers.chat.stream import outputs_of
from realtime_scenarios.realtime.responder import Answer, Output, ResponseRequest


class ChatResponder:
    """Asks chat completions for each response, and says what comes as it comes. Whoever made the client closes it."""

    def __init__(self, client: AsyncOpenAI, endpoint: Endpoint) -> None:
        self._client = client
        self._endpoint = endpoint

    async def respond(self, request: ResponseRequest) -> Answer:
        return self._answer(request)

    async def _answer(self, request: ResponseRequest) -> AsyncGenerator[Output, None]:
        try:
            stream = await self._client.chat.completions.create(
                model=self._endpoint.model, stream=True, **completion_request(request)
            )
            # the inner streams are closed by hand: where the answer is cut off, nobody reads them to their end
            async with stream, aclosing(outputs_of(stream)) as outputs:
                async for output in outputs:
                    yield output
        except FAILURES as problem:
            yield failed_answer(problem, self._endpoint)

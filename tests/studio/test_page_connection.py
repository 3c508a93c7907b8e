"""The page's end of a conversation's socket, run by node: what commands are answered, also where none comes."""

from __future__ import annotations

from typing import Any

from support.node import needs_node, told_by_node

pytestmark = needs_node


def told(body: str) -> Any:
    return told_by_node(
        """
        const { Connection } = await import(page + 'connection.js');
        const sockets = [];
        const ears = {};
        for (const name of ['events', 'snapshot', 'binary', 'hello', 'status', 'restarted', 'gone', 'other']) ears[name] = () => {};
        const world = {
          name: 'p', now: () => 0, later: () => 0, never() {}, random: () => 0.5, epoch: async () => null, listen: () => () => {},
          open() {
            const socket = { sent: [], send: (frame) => socket.sent.push(JSON.parse(frame)), close() {} };
            sockets.push(socket);
            return socket;
          },
        };
        const comes = (frame) => sockets.at(-1).onmessage({ data: JSON.stringify(frame) });
        const connection = new Connection(() => '', ears, world);
        connection.open();
        comes({ hello: { epoch: 'e1' } });
        const outcome = (promise) => promise.then((answer) => ['done', answer], (error) => [error.message, error.hint]);
        """
        + body
    )


def test_a_command_that_is_refused_says_why_and_the_way_out() -> None:
    assert told(
        """
        const outcomes = [outcome(connection.send('say', { text: 'x' })), outcome(connection.send('interrupt'))];
        comes({ refused: 'p-1', why: 'it is lost', hint: 'try again' });
        comes({ refused: 'p-2', why: 'it is not connected' });
        return Promise.all(outcomes);
        """
    ) == [["it is lost", "try again"], ["it is not connected", ""]]


def test_a_command_that_waits_when_the_conversation_ends_is_told_so() -> None:
    outcomes = told(
        """
        const outcomes = [outcome(connection.send('say', { text: 'x' }))];
        comes({ gone: { epoch: 'e1' } });
        return Promise.all(outcomes);
        """
    )
    assert outcomes == [["the conversation is over: it was not done", None]]

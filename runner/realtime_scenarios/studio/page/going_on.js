// A conversation that the server knows no more, begun again from where it was: with what this page has of it.

/** The events of it that another one goes on from, with the pieces of each message in one. */
function beforeOf(events) {
  const said = new Map();
  for (const event of events) {
    if (event.type === 'Delta') said.set(event.item, (event.data.replaces ? '' : said.get(event.item) ?? '') + event.data.text);
  }
  const before = [];
  for (const { seq, at, turn, agent, layer, type, data, item, call, place } of events) {
    if (layer !== 'trace' && type !== 'ItemPlaced' && type !== 'TurnOver') continue;
    before.push({ seq, at, turn, agent, layer, type, data, item, call, place });
    if (type === 'ItemPlaced' && said.has(item)) {
      before.push({ seq, at, turn, agent, layer, type: 'Delta', data: { item, text: said.get(item) }, item });
      said.delete(item);
    }
  }
  return before;
}

export function goOn(store) {
  const before = beforeOf(store.events.list);
  store.leave();
  store.go('conversation', { c: null, event: null });
  return store.connect({ goes_on_from: before });
}

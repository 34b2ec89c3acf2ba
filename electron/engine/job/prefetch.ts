/**
 * Asks `source` for up to `depth` items ahead of the consumer, so that producer and consumer work at the same time
 * while memory stays bounded. Order and errors are kept. When the consumer leaves early the source is told to return.
 * @param source  must answer overlapping `next` calls in order, as every async generator does
 * @param depth   items in flight, at least 1
 */
export async function* prefetch<T>(source: AsyncIterable<T>, depth: number): AsyncGenerator<T, void> {
  const iterator = source[Symbol.asyncIterator]();
  const ahead: Promise<IteratorResult<T>>[] = [];
  const ask = (): void => {
    const next = iterator.next();
    // An item that nobody comes to fetch must not count as an unhandled rejection; whoever awaits it still gets the error.
    next.catch(ignore);
    ahead.push(next);
  };
  try {
    while (ahead.length < depth) ask();
    for (let next = ahead.shift(); next !== undefined; next = ahead.shift()) {
      const item = await next;
      if (item.done === true) return;
      ask();
      yield item.value;
    }
  } finally {
    // Not awaited: a source in the middle of a wait answers only after it; its owner closes what it waits for.
    iterator.return?.().catch(ignore);
  }
}

function ignore(): void {
  return undefined;
}

/**
 * Works through `items` with at most `workers` at once; each starts as soon as a worker is free.
 * @param work     must not reject for a failure of one item; a rejection stops the start of further items
 * @param signal   once aborted no further item is started
 * @returns results in the order of `items`; null for items that were never started
 * @throws the first rejection of `work`, after all running work has ended
 */
export async function mapWithWorkers<Item, Result>(
  items: readonly Item[],
  workers: number,
  signal: AbortSignal,
  work: (item: Item, index: number) => Promise<Result>,
): Promise<(Result | null)[]> {
  const results: (Result | null)[] = items.map(() => null);
  const failures: unknown[] = [];
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < items.length && !signal.aborted && failures.length === 0) {
      const index = next;
      next += 1;
      try {
        results[index] = await work(items[index] as Item, index);
      } catch (error) {
        failures.push(error);
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(workers, items.length) }, worker));
  if (failures.length > 0) throw failures[0];
  return results;
}

/** The order of a flow: pure functions over ids. */

interface Arrow {
  readonly source: string;
  readonly target: string;
}

export interface FlowOrder {
  /** Sources before targets, as far as loops allow; among equals, as given. */
  readonly order: readonly string[];
  /** The arrows that lead back to what came before, by index. */
  readonly back: ReadonlySet<number>;
}

/** Goes through the flow from its beginnings. An arrow to a node that is still being gone through closes a loop. */
export function flowOrder(ids: readonly string[], arrows: readonly Arrow[]): FlowOrder {
  const exits = new Map<string, number[]>(ids.map((id) => [id, []]));
  const entered = new Set<string>();
  arrows.forEach(({ source, target }, index) => {
    exits.get(source)?.push(index);
    if (source !== target) entered.add(target);
  });

  const done = new Set<string>();
  const open = new Set<string>();
  const back = new Set<number>();
  const finished: string[] = [];

  // Later beginnings are gone through first, because the order is the reverse of finishing.
  const beginnings = [...ids.filter((id) => !entered.has(id)), ...ids.filter((id) => entered.has(id))];
  const groups: string[][] = [];
  for (const beginning of beginnings) {
    if (done.has(beginning)) continue;
    const from = finished.length;
    const stack: { readonly id: string; next: number }[] = [{ id: beginning, next: exits.get(beginning)!.length - 1 }];
    open.add(beginning);
    while (stack.length > 0) {
      const top = stack.at(-1)!;
      if (top.next < 0) {
        stack.pop();
        open.delete(top.id);
        done.add(top.id);
        finished.push(top.id);
        continue;
      }
      // From the last to the first, for the same reason.
      const index = exits.get(top.id)![top.next]!;
      top.next -= 1;
      const { target } = arrows[index]!;
      if (open.has(target)) back.add(index);
      else if (!done.has(target) && exits.has(target)) {
        open.add(target);
        stack.push({ id: target, next: exits.get(target)!.length - 1 });
      }
    }
    groups.push(finished.slice(from).reverse());
  }
  return { order: topological(groups.flat(), arrows, back), back };
}

/** Sorts once more by what has to come first: beginnings that were found one after the other may lead to the same node. */
function topological(found: readonly string[], arrows: readonly Arrow[], back: ReadonlySet<number>): string[] {
  const waiting = new Map(found.map((id) => [id, 0]));
  const exits = new Map<string, string[]>(found.map((id) => [id, []]));
  arrows.forEach(({ source, target }, index) => {
    if (back.has(index) || !waiting.has(source) || !waiting.has(target)) return;
    waiting.set(target, waiting.get(target)! + 1);
    exits.get(source)!.push(target);
  });
  const place = new Map(found.map((id, index) => [id, index]));
  const heap = new Heap(found.filter((id) => waiting.get(id) === 0).map((id) => place.get(id)!));
  const order: string[] = [];
  for (let next = heap.pop(); next !== undefined; next = heap.pop()) {
    const id = found[next]!;
    order.push(id);
    for (const target of exits.get(id)!) {
      const left = waiting.get(target)! - 1;
      waiting.set(target, left);
      if (left === 0) heap.push(place.get(target)!);
    }
  }
  return order;
}

/** The smallest first. */
class Heap {
  private readonly values: number[] = [];

  constructor(values: readonly number[]) {
    for (const value of values) this.push(value);
  }

  push(value: number): void {
    const { values } = this;
    let at = values.push(value) - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (values[parent]! <= values[at]!) break;
      [values[parent], values[at]] = [values[at]!, values[parent]!];
      at = parent;
    }
  }

  pop(): number | undefined {
    const { values } = this;
    const first = values[0];
    const last = values.pop();
    if (values.length === 0 || last === undefined) return first;
    values[0] = last;
    let at = 0;
    for (;;) {
      const left = 2 * at + 1;
      const right = left + 1;
      let least = at;
      if (left < values.length && values[left]! < values[least]!) least = left;
      if (right < values.length && values[right]! < values[least]!) least = right;
      if (least === at) return first;
      [values[least], values[at]] = [values[at]!, values[least]!];
      at = least;
    }
  }
}

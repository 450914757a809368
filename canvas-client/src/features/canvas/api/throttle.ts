/** Runs `work` soon after each call, but not before `everyMs` have passed since the last run began, and never twice at once. */
export function throttled(
  work: () => Promise<void>,
  everyMs: number,
): { readonly ask: () => void; readonly stop: () => void } {
  let timer: ReturnType<typeof setTimeout> | null = null;
  let busy = false;
  let asked = false;
  let lastMs = -Infinity;
  let stopped = false;

  const plan = () => {
    if (stopped || busy || timer !== null || !asked) return;
    timer = setTimeout(run, Math.max(0, lastMs + everyMs - performance.now()));
  };
  function run() {
    timer = null;
    asked = false;
    busy = true;
    lastMs = performance.now();
    void work().finally(() => {
      busy = false;
      plan();
    });
  }
  return {
    ask: () => {
      asked = true;
      plan();
    },
    stop: () => {
      stopped = true;
      if (timer !== null) clearTimeout(timer);
    },
  };
}

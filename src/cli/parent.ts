const PARENT_CHECK_MS = 500;

/** Calls back once when the process that started this one has ended. @returns how to watch no more */
export function whenParentEnds(callback: () => void): () => void {
  const parent = process.ppid;
  const check = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(check);
    callback();
  }, PARENT_CHECK_MS);
  check.unref();
  return () => clearInterval(check);
}

/**
 * Loaded into a server that is attacked (`node --expose-gc --import`): at SIGUSR2 it prints how much memory it takes after
 * the garbage has been collected.
 */
let asked = 0;

process.on('SIGUSR2', () => {
  asked += 1;
  // A second time for what the first has only made reachable for the collector: finalizers, weak references.
  globalThis.gc();
  setImmediate(() => {
    globalThis.gc();
    const { rss, heapUsed, external } = process.memoryUsage();
    process.stdout.write(`memory ${asked} ${JSON.stringify({ rss, heapUsed, external })}\n`);
  });
});

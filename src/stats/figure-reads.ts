import { text } from '../queries/validate.js';
import { errorRangeOf, fingerprintList, namePart, queueList, queueOrAll, seriesOf, timeout } from './requests.js';
import { type FigureSource, mostFrequent } from './source.js';
import { stuckThreshold } from './thresholds.js';
import type { QueueFigures, Statistics } from './types.js';

type Reads = QueueFigures & Pick<Statistics, 'throughput' | 'history' | 'errorGroups' | 'errorGroup' | 'failures' | 'stuckThresholds'>;

/** Checks what is asked, and asks the source that answers at the moment. */
export abstract class FigureReads implements Reads {
  /** What answers now. */
  protected abstract source(): FigureSource;
  /** In ms since 1970. */
  protected abstract now(): number;

  async queueCounts(queueName: string) {
    return this.source().queueCounts(text(queueName, ['queueName']));
  }

  async manyQueueCounts(queueNames: readonly string[]) {
    return this.source().manyQueueCounts(queueList(queueNames));
  }

  async queueNames(nameContains?: string) {
    namePart(nameContains);
    return this.source().queueNames(nameContains);
  }

  async oldestQueuedAt(queueNames: readonly string[]) {
    return this.source().oldestQueuedAt(queueList(queueNames));
  }

  async stuckCounts(queueNames: readonly string[], timeoutMs: number) {
    return this.source().stuckCounts(queueList(queueNames), timeout(timeoutMs));
  }

  async throughput(request: Parameters<Statistics['throughput']>[0]) {
    return this.source().throughput(seriesOf(request, this.now()));
  }

  async history(request: Parameters<Statistics['history']>[0]) {
    return this.source().history(seriesOf(request, this.now()));
  }

  async errorGroups(request: Parameters<Statistics['errorGroups']>[0]) {
    const range = errorRangeOf(request, this.now());
    return mostFrequent(await this.source().errorGroups(range), range.first);
  }

  async errorGroup(fingerprint: string, queueName?: string | null) {
    return this.source().errorGroup(text(fingerprint, ['fingerprint']), queueOrAll(queueName));
  }

  async failures(fingerprints: readonly string[], request: Parameters<Statistics['failures']>[1]) {
    return this.source().failures(fingerprintList(fingerprints), seriesOf(request, this.now()));
  }

  async stuckThresholds(queueNames: readonly string[]) {
    const names = queueList(queueNames);
    const runs = await this.source().runLatencies(names);
    return runs.map((run, index) => stuckThreshold(names[index] as string, run));
  }
}

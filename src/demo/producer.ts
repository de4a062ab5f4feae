import { createHash } from 'node:crypto';
import path from 'node:path';

import type { FoundFile, FoundFiles } from './files.js';
import type { Hazards } from './hazards.js';
import { JOBS, PARTNER_TASKS } from './queues.js';
import type { NewTask, TaskApi } from './task-api.js';

const MAX_RETRIES = 3;
/** One task in so many works on a file made to fail; the files found bring failures of their own. */
const HAZARD_EVERY = 9;
/** One task in so many compresses a whole folder. */
const BUNDLE_EVERY = 16;
/** One task in so many is enqueued a second time at once, as a producer does that lost its acknowledgement. */
const DUPLICATE_EVERY = 25;

const PARTNERS = ['SATLOC', 'AGNAV', 'DROMON'];

/** A number below `limit` that depends on the text alone. */
function numberOf(text: string, limit: number): number {
  return createHash('sha256').update(text).digest().readUInt32BE(0) % limit;
}

/** Turns files into tasks: real ones in turn, with troublesome ones in between. */
export class Producer {
  #made = 0;
  #json = 0;
  #other = 0;
  #folder = 0;

  constructor(
    private readonly api: TaskApi,
    private readonly files: FoundFiles,
    private readonly hazards: Hazards,
    /** Keeps the taskIds of two runs against one database apart. */
    private readonly run: string,
  ) {}

  /** Enqueues one task. */
  async produce(): Promise<void> {
    const turn = ++this.#made;
    if (turn % HAZARD_EVERY === 2) return this.#produceHazard();
    const task = this.#next(turn);
    await this.api.enqueue(task);
    if (turn % DUPLICATE_EVERY === 0) await this.api.enqueue(task);
  }

  async #produceHazard(): Promise<void> {
    const hazard = await this.hazards.make();
    const task = partnerTask(hazard.path, `${this.run} ${hazard.path}`, hazard.expectedBytes);
    await this.api.enqueue({ ...task, maxRetries: hazard.maxRetries });
    await hazard.afterEnqueue?.();
  }

  #next(turn: number): NewTask {
    const { json, other, folders } = this.files;
    const key = `${this.run} ${turn}`;
    const folder = folders[this.#folder % Math.max(1, folders.length)];
    if (folder !== undefined && turn % BUNDLE_EVERY === 5) {
      this.#folder += 1;
      return job('bundle', { folder }, key);
    }
    const useJson = other.length === 0 || (json.length > 0 && turn % 2 === 0);
    const pool: readonly FoundFile[] = useJson ? json : other;
    const file = pool[(useJson ? this.#json++ : this.#other++) % pool.length] as FoundFile;
    if (useJson) return partnerTask(file.path, `${key} ${file.path}`);
    return job(turn % 4 === 1 ? 'hash' : 'compress', { file: file.path }, key);
  }
}

/** `partner_tasks:{partner}:{aircraft}:{log}`, e.g. `partner_tasks:SATLOC:695d:02220710`. */
function partnerTask(file: string, key: string, expectedBytes?: number): NewTask {
  const partnerCode = PARTNERS[numberOf(path.dirname(file), PARTNERS.length)] as string;
  const aircraftId = numberOf(path.dirname(file), 0x10000).toString(16).padStart(4, '0');
  const logId = String(numberOf(key, 100_000_000)).padStart(8, '0');
  return {
    taskId: `partner_tasks:${partnerCode}:${aircraftId}:${logId}`,
    queueName: PARTNER_TASKS,
    maxRetries: MAX_RETRIES,
    metadata: {
      partnerCode,
      aircraftId,
      logId,
      customerId: `customer${numberOf(path.dirname(file), 40)}`,
      logFileName: path.basename(file),
      file,
      ...(expectedBytes === undefined ? {} : { expectedBytes }),
    },
  };
}

/** `jobs:{job}:{user}:{type}`, e.g. `jobs:12345:userId123:compress`. */
function job(jobType: 'hash' | 'compress' | 'bundle', subject: { file: string } | { folder: string }, key: string): NewTask {
  const jobId = String(numberOf(key, 100_000_000));
  const userId = `userId${numberOf(Object.values(subject).join(), 900) + 100}`;
  return {
    taskId: `jobs:${jobId}:${userId}:${jobType}`,
    queueName: JOBS,
    maxRetries: MAX_RETRIES,
    metadata: { jobId, userId, jobType, assignId: `assign${numberOf(userId, 1_000)}`, ...subject },
  };
}

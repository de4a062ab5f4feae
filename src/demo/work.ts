import { createHash, randomUUID } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { open, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGunzip, createGzip } from 'node:zlib';

import { walk } from './files.js';
import { JOBS, PARTNER_TASKS } from './queues.js';
import type { ErrorCategoryName, WorkItem } from './task-api.js';

/** The work could not be done, with what failTask wants to know about it. */
export class WorkError extends Error {
  override name = 'WorkError';

  constructor(
    message: string,
    readonly category: ErrorCategoryName,
    /** Whether another attempt may succeed. */
    readonly recoverable: boolean,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

export interface WorkLimits {
  /** Largest file that is read, in bytes. */
  readonly maxBytes: number;
  /** The only folder that is written to. */
  readonly outputFolder: string;
}

const BUNDLE_FILES = 300;
const BUNDLE_BYTES = 12_000_000;

/**
 * Does what an execution asks for: parse and validate a file, hash it, compress it, or compress a folder.
 * @throws WorkError whatever goes wrong.
 */
export async function doWork(item: WorkItem, limits: WorkLimits): Promise<void> {
  try {
    if (item.queueName === PARTNER_TASKS) await validateLog(item, limits);
    else if (item.queueName === JOBS) await runJob(item, limits);
    else throw new WorkError(`No handler for the queue ${item.queueName}`, 'VALIDATION', false);
  } catch (error) {
    throw toWorkError(error);
  }
}

async function runJob(item: WorkItem, limits: WorkLimits): Promise<void> {
  const { jobType } = item.metadata;
  if (jobType === 'hash') await hash(textOf(item, 'file'), limits);
  else if (jobType === 'compress') await compress(textOf(item, 'file'), limits);
  else if (jobType === 'bundle') await bundle(textOf(item, 'folder'), limits);
  else throw new WorkError(`Unknown job type ${JSON.stringify(jobType)}`, 'VALIDATION', false);
}

function textOf(item: WorkItem, field: string): string {
  const value = item.metadata[field];
  if (typeof value !== 'string' || value === '') throw new WorkError(`metadata.${field} is missing`, 'VALIDATION', false);
  return value;
}

/** A partner's log is complete, is JSON, is an object or a list, and names its package where it is a package's manifest. */
async function validateLog(item: WorkItem, limits: WorkLimits): Promise<void> {
  const file = textOf(item, 'file');
  const content = await readWhole(file, limits);
  const { expectedBytes } = item.metadata;
  if (typeof expectedBytes === 'number' && content.length < expectedBytes) {
    throw new WorkError(`${path.basename(file)} is still being uploaded: ${content.length} of ${expectedBytes} bytes`, 'TRANSIENT', true);
  }
  const parsed = parseJson(content.toString('utf8'), file);
  if (typeof parsed !== 'object' || parsed === null) {
    throw new WorkError(`${path.basename(file)} holds neither an object nor a list`, 'VALIDATION', false);
  }
  if (path.basename(file) !== 'package.json') return;
  for (const field of ['name', 'version']) {
    if (typeof (parsed as Record<string, unknown>)[field] !== 'string') {
      throw new WorkError(`package.json has no ${field}`, 'PROCESSING', true);
    }
  }
}

function parseJson(text: string, file: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new WorkError(`Invalid JSON in ${path.basename(file)}: ${(error as Error).message}`, 'VALIDATION', false, { cause: error });
  }
}

/** Size check and read on one handle, so that the file cannot change in between. */
async function readWhole(file: string, limits: WorkLimits): Promise<Buffer> {
  const handle = await open(file, 'r');
  try {
    refuseLarge(file, (await handle.stat()).size, limits);
    return await handle.readFile();
  } finally {
    await handle.close();
  }
}

function refuseLarge(file: string, size: number, limits: WorkLimits): void {
  if (size > limits.maxBytes) {
    throw new WorkError(`${path.basename(file)} is too big: ${size} bytes, the limit is ${limits.maxBytes}`, 'PROCESSING', false);
  }
}

async function hash(file: string, limits: WorkLimits): Promise<string> {
  return createHash('sha256').update(await readWhole(file, limits)).digest('hex');
}

/** Compresses a file into the output folder, reads it back, and compares: an archive that was never read is none. */
async function compress(file: string, limits: WorkLimits): Promise<void> {
  refuseLarge(file, (await stat(file)).size, limits);
  const target = path.join(limits.outputFolder, `${randomUUID()}.gz`);
  try {
    await pipeline(createReadStream(file), createGzip({ level: 9 }), createWriteStream(target));
    const readBack = createHash('sha256');
    await pipeline(createReadStream(target), createGunzip(), readBack);
    if (readBack.digest('hex') !== (await hash(file, limits))) {
      throw new WorkError(`${path.basename(file)} changed while it was compressed`, 'TRANSIENT', true);
    }
  } finally {
    await rm(target, { force: true });
  }
}

/** Compresses the files of a folder one after the other: the long job among the short ones. */
async function bundle(folder: string, limits: WorkLimits): Promise<void> {
  const files = await walk(folder, BUNDLE_FILES);
  if (files.length === 0) throw new WorkError(`${folder} holds no files`, 'VALIDATION', false);
  let bytes = 0;
  for (const file of files) {
    const { size } = await stat(file);
    if (size > limits.maxBytes || bytes + size > BUNDLE_BYTES) continue;
    bytes += size;
    await compress(file, limits);
  }
}

const INFRASTRUCTURE_CODES = new Set(['ENOENT', 'EACCES', 'EPERM', 'EMFILE', 'ENFILE', 'ENOSPC', 'EIO', 'EBUSY']);

function toWorkError(error: unknown): WorkError {
  if (error instanceof WorkError) return error;
  if (!(error instanceof Error)) return new WorkError(String(error), 'UNKNOWN', true);
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  if (code === 'EISDIR') return new WorkError(error.message, 'VALIDATION', false, { cause: error });
  return new WorkError(error.message, INFRASTRUCTURE_CODES.has(code) ? 'INFRASTRUCTURE' : 'UNKNOWN', true, { cause: error });
}

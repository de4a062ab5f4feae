import { access, mkdir } from 'node:fs/promises';
import path from 'node:path';

import { DryMongoBinary } from 'mongodb-memory-server-core';
import { LockFile } from 'mongodb-memory-server-core/lib/util/lockfile.js';
import { MongoBinaryDownload } from 'mongodb-memory-server-core/lib/util/MongoBinaryDownload.js';
import { MongoBinaryDownloadUrl } from 'mongodb-memory-server-core/lib/util/MongoBinaryDownloadUrl.js';
import { lockfilePath } from 'mongodb-memory-server-core/lib/util/utils.js';

import { NoEmbeddedDatabaseError } from '../errors.js';
import { mongodVersion, readyMongod } from './mongod-step.js';
import type { EmbeddedStep } from './steps.js';

const PROBE_TIMEOUT_MS = 3_000;
const PROGRESS_EVERY_MS = 1_000;

/** The second step: a mongod from MongoDB's download site, kept in the cache folder. */
export const downloadStep: EmbeddedStep = {
  kind: 'downloaded',
  async check({ cacheDir }) {
    try {
      const plan = await planDownload(cacheDir);
      if (await exists(plan.binary)) return { available: true, why: `mongod ${plan.version}, downloaded to ${plan.binary}` };
      const { host } = new URL(plan.url);
      const refusal = await probe(plan.url);
      if (refusal === undefined) return { available: true, why: `mongod ${plan.version}, to be downloaded from ${host} on the first start` };
      return { available: false, why: `no download: ${host} cannot be reached (${refusal})` };
    } catch (error) {
      return { available: false, why: `no download for this system: ${(error as Error).message}` };
    }
  },
  async prepare({ cacheDir, onProgress }) {
    try {
      const plan = await planDownload(cacheDir);
      await mkdir(plan.folder, { recursive: true });
      // Processes that download at once wait for one another here; the later ones find the file.
      const lock = await LockFile.lock(lockfilePath(plan.folder, plan.version));
      try {
        const binary = await new ReportedDownload(plan.options, onProgress).getMongodPath();
        const version = await mongodVersion(binary);
        if (version === undefined) throw new Error(`${binary} does not run on this system`);
        return readyMongod({ binary, version });
      } finally {
        await lock.unlock();
      }
    } catch (error) {
      throw new NoEmbeddedDatabaseError(
        `mongod could not be downloaded: ${(error as Error).message}`,
        'Put a mongod on PATH, or set MONGODB_URI to a MongoDB replica set.',
        { cause: error },
      );
    }
  },
};

type DownloadOptions = ConstructorParameters<typeof MongoBinaryDownload>[0];

async function planDownload(cacheDir: string) {
  const folder = path.join(cacheDir, 'mongod');
  const generated = await DryMongoBinary.generateOptions({ downloadDir: folder });
  const options = { ...generated, downloadDir: folder, platform: process.platform, checkMD5: true };
  const url = await new MongoBinaryDownloadUrl(options).getDownloadUrl();
  const name = await DryMongoBinary.getBinaryName(options);
  return { folder, options, url, version: options.version, binary: DryMongoBinary.combineBinaryName(folder, name) };
}

/** Why the file cannot be had; undefined when it can. */
async function probe(url: string): Promise<string | undefined> {
  try {
    const response = await fetch(url, { method: 'HEAD', signal: AbortSignal.timeout(PROBE_TIMEOUT_MS) });
    return response.ok ? undefined : `HTTP ${response.status}`;
  } catch (error) {
    const { cause } = error as { cause?: { code?: string; message?: string } };
    return cause?.code ?? cause?.message ?? (error as Error).message;
  }
}

/** Tells its progress to whoever asked for it, where the library writes to standard output. */
class ReportedDownload extends MongoBinaryDownload {
  #toldAt = 0;

  constructor(
    options: DownloadOptions,
    private readonly tell: (line: string) => void,
  ) {
    super(options);
  }

  override printDownloadProgress(chunk: { length: number }, force = false): void {
    this.dlProgress.current += chunk.length;
    if (!force && Date.now() - this.#toldAt < PROGRESS_EVERY_MS) return;
    this.#toldAt = Date.now();
    const megabytes = (bytes: number) => (bytes / 1_048_576).toFixed(0);
    const { current, length } = this.dlProgress;
    this.tell(`Downloading MongoDB ${this.binaryOpts.version}: ${megabytes(current)} of ${megabytes(length)} MB`);
  }
}

function exists(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  );
}

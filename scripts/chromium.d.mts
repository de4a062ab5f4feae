import type { Browser } from 'playwright-core';

export interface FoundChromium {
  readonly executablePath: string;
  readonly env: NodeJS.ProcessEnv;
}

export function findChromium(cacheDir: string): Promise<FoundChromium | null>;
export function launchChromium(found: FoundChromium): Promise<Browser>;

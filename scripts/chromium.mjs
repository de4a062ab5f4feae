import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { homedir } from 'node:os';
import path from 'node:path';

import { chromium } from 'playwright-core';

/** Its package.json is not among its exports. */
const ENTRY = createRequire(import.meta.url).resolve('@sparticuz/chromium');
const PACKAGE = ENTRY.slice(0, ENTRY.lastIndexOf(path.join('chromium', 'build')) + 'chromium'.length);

/** Chromes that are installed where no Chromium comes with the packages. */
const INSTALLED = {
  darwin: ['/Applications/Google Chrome.app/Contents/MacOS/Google Chrome', '/Applications/Chromium.app/Contents/MacOS/Chromium'],
  linux: ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'],
  win32: ['C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe', 'C:\\Program Files (x86)\\Microsoft\\Edge\\Application\\msedge.exe'],
};

/** The package unpacks into TMPDIR with the libraries that a bare Linux lacks, if it takes this for a Lambda. */
const UNPACK = "import('@sparticuz/chromium').then((module) => module.default.executablePath())";

function run(command, args, options) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: ['ignore', 'ignore', 'pipe'], ...options });
    let said = '';
    child.stderr.on('data', (chunk) => (said += chunk));
    child.once('error', reject);
    child.once('close', (code) => (code === 0 ? resolve() : reject(new Error(`${command} ended with ${code}: ${said}`))));
  });
}

/** The Chromium that comes in the package, unpacked once into `cacheDir`. */
async function unpacked(cacheDir) {
  const { version } = JSON.parse(readFileSync(path.join(PACKAGE, 'package.json'), 'utf8'));
  const folder = path.join(cacheDir, `chromium-${version}`);
  if (!existsSync(path.join(folder, 'chromium'))) {
    mkdirSync(cacheDir, { recursive: true });
    const fresh = mkdtempSync(path.join(cacheDir, 'chromium-unpacking-'));
    try {
      await run(process.execPath, ['--input-type=module', '-e', UNPACK], {
        cwd: PACKAGE,
        env: { ...process.env, TMPDIR: fresh, AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs20.x' },
      });
      renameSync(fresh, folder);
    } catch (error) {
      // Somebody else was first.
      if (!existsSync(path.join(folder, 'chromium'))) throw error;
    } finally {
      rmSync(fresh, { recursive: true, force: true });
    }
  }
  const { LD_LIBRARY_PATH } = process.env;
  return {
    executablePath: path.join(folder, 'chromium'),
    env: {
      ...process.env,
      HOME: process.env.HOME ?? homedir(),
      // Last, so that the system's own come first where there are any.
      LD_LIBRARY_PATH: [LD_LIBRARY_PATH, path.join(folder, 'al2023', 'lib')].filter(Boolean).join(':'),
      ...(existsSync('/etc/fonts') ? {} : { FONTCONFIG_PATH: path.join(folder, 'fonts') }),
    },
  };
}

/**
 * Which Chromium there is: the one in the packages (x64 Linux), else a Chrome that is installed; null where there is
 * none.
 *
 * @param {string} cacheDir where the one in the packages is unpacked, once
 */
export async function findChromium(cacheDir) {
  if (process.platform === 'linux' && process.arch === 'x64') return unpacked(cacheDir);
  const installed = (INSTALLED[process.platform] ?? []).find((file) => existsSync(file));
  return installed === undefined ? null : { executablePath: installed, env: process.env };
}

/** Starts it without a window. Works as any user, root among them. */
export async function launchChromium(found) {
  return chromium.launch({
    executablePath: found.executablePath,
    env: found.env,
    args: ['--headless', '--no-sandbox', '--no-zygote', '--disable-gpu', '--disable-dev-shm-usage', '--font-render-hinting=none', '--hide-scrollbars'],
  });
}

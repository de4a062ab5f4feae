import { describe, expect, test } from 'vitest';

import { unknownSettings, SETTINGS } from '../../src/config.js';

const meant = (variable: string) => unknownSettings({ [variable]: 'x' })[0]?.meant;

describe('a variable that is named as a setting is, and is none', () => {
  test.each([
    ['TASKTRACKER_API_KEY', 'TASKTRACKER_API_KEYS'],
    ['TASKTRACKER_ALLOWED_ORIGIN', 'TASKTRACKER_ALLOWED_ORIGINS'],
    ['TASKTRACKER_MAX_DEPHT', 'TASKTRACKER_MAX_DEPTH'],
    ['TASKTRACKER_TRUSTED_PROXY', 'TASKTRACKER_TRUSTED_PROXIES'],
    ['TASKTRACKER_PORT', 'PORT'],
    ['TASKTRACKER_MONGODB_URI', 'MONGODB_URI'],
    ['TASKTRACKER_LOG_LEVEL', 'LOG_LEVEL'],
  ])('%s: %s was probably meant', (variable, setting) => {
    expect(meant(variable)).toBe(setting);
  });

  test('is near to none where nothing is like it', () => {
    expect(meant('TASKTRACKER_FROBNICATE')).toBeNull();
    expect(meant('TASKTRACKER_')).toBeNull();
  });

  test('is not what a setting, another program, or the file of alert rules reads', () => {
    const environment = Object.fromEntries(Object.values(SETTINGS).map(({ env }) => [env, 'x']));
    expect(unknownSettings({ ...environment, PATH: 'x', MONGO_URL: 'x', TASKTRACKER_HOOK: 'x' }, ['TASKTRACKER_HOOK'])).toEqual([]);
  });
});

import { describe, expect, test } from 'vitest';

import { ConfigError, loadConfig, renderConfigTable, SETTINGS } from '../../src/config.js';

function problemsOf(environment: Record<string, string>): ConfigError {
  try {
    loadConfig(environment);
  } catch (error) {
    if (error instanceof ConfigError) return error;
    throw error;
  }
  throw new Error('The environment was accepted.');
}

describe('configuration', () => {
  test('an empty environment gives every setting its default', () => {
    const config = loadConfig({});
    for (const [name, setting] of Object.entries(SETTINGS)) expect(config[name as keyof typeof SETTINGS]).toBe(setting.fallback);
    expect(config).toMatchObject({ host: '127.0.0.1', port: 4000, mongodbUri: undefined });
  });

  test('values are read in their types, and blanks around them are dropped', () => {
    const config = loadConfig({ PORT: ' 0 ', LOG_LEVEL: 'debug', TASKTRACKER_INTROSPECTION: 'false', TASKTRACKER_PLAYGROUND: '1', HOST: '::1' });
    expect(config).toMatchObject({ port: 0, logLevel: 'debug', introspection: false, playground: true, host: '::1' });
  });

  test('an empty variable counts as unset', () => {
    expect(loadConfig({ PORT: '', MONGODB_URI: '  ' })).toMatchObject({ port: 4000, mongodbUri: undefined });
  });

  test('variables of other programs are left alone', () => {
    expect(() => loadConfig({ PATH: '/bin', TASKTRACKER_UNHEARD_OF: 'x' })).not.toThrow();
  });

  test('every wrong variable is named, with what would be right', () => {
    const error = problemsOf({ PORT: '70000', LOG_LEVEL: 'loud', TASKTRACKER_MAX_DEPTH: '-1', TASKTRACKER_INTROSPECTION: 'maybe' });
    expect(error.problems.map((problem) => problem.variable)).toEqual(['PORT', 'LOG_LEVEL', 'TASKTRACKER_INTROSPECTION', 'TASKTRACKER_MAX_DEPTH']);
    expect(error.message).toContain('PORT is "70000", but must be a whole number from 0 to 65535.');
    expect(error.message).toContain('LOG_LEVEL is "loud", but must be one of fatal, error, warn');
  });

  test.each(['1.5', '0x10', '1e3', '+4000', 'NaN', '4000 4001'])('PORT=%s is no port', (value) => {
    expect(problemsOf({ PORT: value }).problems).toHaveLength(1);
  });

  test('lists are read entry by entry, and origins as browsers write them', () => {
    const config = loadConfig({
      TASKTRACKER_ALLOWED_ORIGINS: 'https://Ops.example:443, http://localhost:5173',
      TASKTRACKER_ALLOWED_HOSTS: 'tasks.example.org,*.internal',
      TASKTRACKER_TRUSTED_PROXIES: '10.0.0.7, 172.30.0.0/16,fd00::/8',
    });
    expect(config).toMatchObject({
      allowedOrigins: ['https://ops.example', 'http://localhost:5173'],
      allowedHosts: ['tasks.example.org', '*.internal'],
      trustedProxies: ['10.0.0.7', '172.30.0.0/16', 'fd00::/8'],
    });
  });

  test.each([
    ['TASKTRACKER_ALLOWED_ORIGINS', ['*', 'null', 'ops.example', 'https://*.example', 'https://ops.example/path', 'https://a@b', 'https://a,,https://b', 'ftp://a']],
    ['TASKTRACKER_ALLOWED_HOSTS', ['*', 'a:80', 'https://a', 'a.*.b', '[::1]', 'a/b', ',']],
    ['TASKTRACKER_TRUSTED_PROXIES', ['*', 'loopback', '10.0.0.0/33', '10.0.0/8', '::1/129', '10.0.0.0/', '10.0.0.0/8/8', '1.2.3.4:80', 'proxy.internal']],
  ])('%s takes nothing that would not mean what it says', (variable, values) => {
    for (const value of values) expect(problemsOf({ [variable]: value }).problems, value).toMatchObject([{ variable }]);
  });

  test('a wrong MONGODB_URI is not repeated: it may hold a password', () => {
    const error = problemsOf({ MONGODB_URI: 'mongo://user:hunter2@host' });
    expect(error.message).not.toContain('hunter2');
    expect(error.message).toContain('MONGODB_URI must be a connection string that starts with mongodb://');
  });

  test('a database name that MongoDB would refuse is refused here', () => {
    expect(problemsOf({ TASKTRACKER_DATABASE: 'a b' }).problems[0]?.variable).toBe('TASKTRACKER_DATABASE');
  });

  test('the table for the README has one row for each setting, with its default and unit', () => {
    const rows = renderConfigTable().split('\n');
    expect(rows).toHaveLength(Object.keys(SETTINGS).length + 2);
    expect(rows).toContainEqual(expect.stringMatching(/^\| `PORT` \| `4000` \| /));
    expect(rows).toContainEqual(expect.stringMatching(/^\| `TASKTRACKER_KEEP_ALIVE_MS` \| `12000` ms \| /));
  });
});

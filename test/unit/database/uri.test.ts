import { describe, expect, it } from 'vitest';

import { redactUri, withDatabaseName } from '../../../src/database/uri.js';

describe('redactUri', () => {
  it('takes out user, password and secret options, and keeps where the server is', () => {
    const uri = 'mongodb://ada:s%40cret@db1:27017,db2/app?replicaSet=rs0&tlsCertificateKeyFilePassword=hush&appName=x';
    const shown = redactUri(uri);
    expect(shown).toBe('mongodb://***@db1:27017,db2/app?replicaSet=rs0&tlsCertificateKeyFilePassword=***&appName=x');
  });

  it('shows nothing of a text that is no URI', () => {
    expect(redactUri('ada:secret@db1')).not.toContain('secret');
  });
});

describe('withDatabaseName', () => {
  it('leaves a URI alone that names a database', () => {
    expect(withDatabaseName('mongodb://h/own?w=1', 'other')).toBe('mongodb://h/own?w=1');
  });

  it('names one where the URI names none, whatever follows', () => {
    expect(withDatabaseName('mongodb://h:1', 'tasks')).toBe('mongodb://h:1/tasks');
    expect(withDatabaseName('mongodb://h:1/?replicaSet=rs0', 'tasks')).toBe('mongodb://h:1/tasks?replicaSet=rs0');
    expect(withDatabaseName('mongodb+srv://h', 'tasks')).toBe('mongodb+srv://h/tasks');
  });

  it('keeps the credentials in the database they belong to', () => {
    expect(withDatabaseName('mongodb://u:p@h/', 'tasks')).toBe('mongodb://u:p@h/tasks?authSource=admin');
    expect(withDatabaseName('mongodb://u:p@h/?authSource=x', 'tasks')).toBe('mongodb://u:p@h/tasks?authSource=x');
  });
});

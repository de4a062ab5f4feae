/** Connection strings as text: the driver's parser resolves SRV records, which a log line must not wait for. */

const PARTS = /^(mongodb(?:\+srv)?:\/\/)(?:([^@/]*)@)?([^/?]*)(?:\/([^?]*))?(\?.*)?$/s;
/** Options whose values are secret or can hold secrets. */
const SECRET_OPTIONS = /([?&](?:authMechanismProperties|tlsCertificateKeyFilePassword|proxyPassword)=)[^&]*/gi;

/** The same address without user, password and secret options: for logs and messages. */
export function redactUri(uri: string): string {
  const found = PARTS.exec(uri);
  if (found === null) return '(not a mongodb:// URI)';
  const [, scheme, credentials, hosts, name, query] = found;
  const user = credentials === undefined ? '' : '***@';
  return `${scheme}${user}${hosts}/${name ?? ''}${query ?? ''}`.replace(SECRET_OPTIONS, '$1***');
}

/** The URI with a database name: its own, or this one where it names none. */
export function withDatabaseName(uri: string, databaseName: string): string {
  const found = PARTS.exec(uri);
  if (found === null) return uri;
  const [, scheme, credentials, hosts, name, query] = found;
  if (name !== undefined && name !== '') return uri;
  // With a user and no name, the credentials belong to `admin`; naming a database must not move them.
  const authSource = credentials !== undefined && !/[?&]authSource=/i.test(query ?? '') ? 'authSource=admin' : '';
  const options = [query?.slice(1) ?? '', authSource].filter((part) => part !== '').join('&');
  const user = credentials === undefined ? '' : `${credentials}@`;
  return `${scheme}${user}${hosts}/${databaseNameIn(databaseName)}${options === '' ? '' : `?${options}`}`;
}

/** A database name as it stands in a URI. */
export function databaseNameIn(name: string): string {
  return encodeURIComponent(name);
}

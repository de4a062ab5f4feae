/** The demonstration never touches a database that is somebody's: on a configured server it uses this one of its own. */
export const DEMO_DATABASE = 'tasktracker_demo';

const PARTS = /^(mongodb(?:\+srv)?:\/\/)([^@/]*@)?([^/?]*)(?:\/([^?]*))?(?:\?(.*))?$/s;

/** The same server and options, with the demonstration's database instead of any that the URI names. */
export function withDemoDatabase(uri: string): string {
  const found = PARTS.exec(uri);
  if (found === null) return uri;
  const [, scheme, credentials = '', hosts, named = '', query = ''] = found;
  const options = query === '' ? [] : [query];
  // The user belongs to the database named in the URI, or to `admin`: another name must not move it.
  if (credentials !== '' && !/(^|&)authSource=/i.test(query)) options.push(`authSource=${named === '' ? 'admin' : named}`);
  return `${scheme}${credentials}${hosts}/${DEMO_DATABASE}${options.length === 0 ? '' : `?${options.join('&')}`}`;
}

import type { Connection } from 'mongoose';

export type ImagesState = 'enabled' | 'already' | { readonly unavailable: string };

/** Error codes with a meaning of their own here. */
const NAMESPACE_EXISTS = 48;
/** Not the primary, or about to stop: the same command may succeed in a moment. */
const NOT_NOW = new Set([91, 189, 10107, 11600, 11602, 13435, 13436]);

/**
 * Asks the server to keep, for each change of the collection, the document before and after it
 * (changeStreamPreAndPostImages, MongoDB 6.0). Creates the collection where it is missing.
 *
 * Does not throw for a server or a user that cannot: the feed works without images, and says what it lacks.
 *
 * @throws the driver's error where nothing was found out, because no server answered that could have
 */
export async function enableImages(connection: Connection, collection: string): Promise<ImagesState> {
  const database = databaseOf(connection);
  try {
    const found = await imagesEnabled(connection, collection);
    if (found === true) return 'already';
    if (found === undefined) {
      try {
        await database.createCollection(collection, { changeStreamPreAndPostImages: { enabled: true } });
        return 'enabled';
      } catch (error) {
        // Another process created it in between, perhaps without images.
        if (codeOf(error) !== NAMESPACE_EXISTS) throw error;
      }
    }
    await database.command({ collMod: collection, changeStreamPreAndPostImages: { enabled: true } });
    return 'enabled';
  } catch (error) {
    const code = codeOf(error);
    if (code === undefined || NOT_NOW.has(code)) throw error;
    return { unavailable: (error as Error).message };
  }
}

/** Whether the collection keeps images; undefined when there is no such collection. */
export async function imagesEnabled(connection: Connection, collection: string): Promise<boolean | undefined> {
  const [info] = await databaseOf(connection).listCollections({ name: collection }).toArray();
  if (info === undefined) return undefined;
  const options = 'options' in info ? info.options : undefined;
  return options?.changeStreamPreAndPostImages?.enabled === true;
}

/** The driver's database object of an open connection. */
export function databaseOf(connection: Connection): NonNullable<Connection['db']> {
  if (connection.db === undefined) throw new Error('the connection is not open');
  return connection.db;
}

/** The server's error code, if the error has one. */
export function codeOf(error: unknown): number | undefined {
  const code = (error as { code?: unknown } | null)?.code;
  return typeof code === 'number' ? code : undefined;
}

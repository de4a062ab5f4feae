import { printTaskTrackerSchema } from '../graphql/schema.js';

/** `tasktracker schema`: the SDL on stdout. */
export async function printSchema(): Promise<void> {
  const sdl = await printTaskTrackerSchema();
  process.stdout.write(sdl.endsWith('\n') ? sdl : `${sdl}\n`);
}

import { environmentFor, installedEnvironment, isInstalled } from './environment.js';
import { findPython, noPython, type PythonSearch } from './python.js';
import { SECANTUS_REPLICA_SET, secantusProgram } from './secantus.js';
import type { EmbeddedStep, StepContext } from './steps.js';

/** The last step: SecantusDB from the Python package index, in a virtual environment of its own. */
export function secantusStep(options: { unpatched?: boolean | undefined } = {}): EmbeddedStep {
  // Asking every candidate takes tenths of a second: once for the check and the preparation that follows it.
  let searched: Promise<PythonSearch> | undefined;
  const search = ({ path }: StepContext) => (searched ??= findPython(path));
  return {
    kind: 'secantus',
    async check(context) {
      const found = await search(context);
      if (found.python === undefined) return { available: false, why: noPython(found).message };
      const environment = await environmentFor(context.cacheDir, found.python);
      const state = (await isInstalled(environment)) ? `installed in ${environment.folder}` : 'to be installed from PyPI on the first start';
      return { available: true, why: `SecantusDB with Python ${found.python.version} (${found.python.command}), ${state}` };
    },
    async prepare(context) {
      const found = await search(context);
      if (found.python === undefined) throw noPython(found);
      const environment = await installedEnvironment(context.cacheDir, found.python, context.onProgress, undefined, context.signal);
      return {
        subfolder: 'secantus',
        program: ({ folder, discard }) => secantusProgram({ environment, dataDir: folder, discard, unpatched: options.unpatched }),
        // journal=true: on the disk before it is acknowledged; the launcher sees to it that a kill -9 loses nothing either way.
        uri: (port, name) => `mongodb://127.0.0.1:${port}/${name}?replicaSet=${SECANTUS_REPLICA_SET}&journal=true`,
      };
    },
  };
}

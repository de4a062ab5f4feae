import { environmentFor, installedEnvironment, isInstalled } from './environment.js';
import { findPython, noPython } from './python.js';
import { SECANTUS_REPLICA_SET, secantusProgram } from './secantus.js';
import type { EmbeddedStep } from './steps.js';

/** The last step: SecantusDB from the Python package index, in a virtual environment of its own. */
export function secantusStep(options: { unpatched?: boolean | undefined } = {}): EmbeddedStep {
  return {
    kind: 'secantus',
    async check({ cacheDir, path }) {
      const search = await findPython(path);
      if (search.python === undefined) return { available: false, why: noPython(search).message };
      const environment = await environmentFor(cacheDir, search.python);
      const state = (await isInstalled(environment)) ? `installed in ${environment.folder}` : 'to be installed from PyPI on the first start';
      return { available: true, why: `SecantusDB with Python ${search.python.version} (${search.python.command}), ${state}` };
    },
    async prepare({ cacheDir, path, onProgress }) {
      const search = await findPython(path);
      if (search.python === undefined) throw noPython(search);
      const environment = await installedEnvironment(cacheDir, search.python, onProgress);
      return {
        subfolder: 'secantus',
        program: ({ folder, discard }) => secantusProgram({ environment, dataDir: folder, discard, unpatched: options.unpatched }),
        // journal=true: without it a kill -9 lost 10 to 34 acknowledged writes each time.
        uri: (port, name) => `mongodb://127.0.0.1:${port}/${name}?replicaSet=${SECANTUS_REPLICA_SET}&journal=true`,
      };
    },
  };
}

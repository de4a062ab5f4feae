/** The driver that TaskTracker itself uses, so that what is measured beside it differs in nothing else. */
import { createRequire } from 'node:module';

import mongoose from 'mongoose';

export const { MongoClient } = mongoose.mongo;

/** Of the driver that mongoose brings: another one may lie at the top of node_modules. */
export const DRIVER_VERSION = createRequire(createRequire(import.meta.url).resolve('mongoose'))('mongodb/package.json').version;

'use strict';

/** The work: composes the digest of a file that a user asked to be told about, and puts it in the user's mailbox. */

const { createHash } = require('node:crypto');
const fs = require('node:fs/promises');
const path = require('node:path');

const { ErrorCategory } = require('./model/task_tracker.js');

class WorkError extends Error {
  constructor(message, category, recoverable) {
    super(message);
    this.name = 'WorkError';
    this.category = category;
    this.recoverable = recoverable;
  }
}

const ADDRESS = /^[^@\s]+@[^@\s]+\.[^@\s]+$/;

async function deliverDigest(metadata, { maxBytes, outputFolder }) {
  if (!ADDRESS.test(metadata.recipientEmail)) {
    throw new WorkError(`Not an address: ${metadata.recipientEmail}`, ErrorCategory.VALIDATION, false);
  }
  const { size } = await fs.stat(metadata.file);
  if (size > maxBytes) {
    throw new WorkError(`${path.basename(metadata.file)} is too big to send: ${size} bytes`, ErrorCategory.PROCESSING, true);
  }
  const content = await fs.readFile(metadata.file);
  const digest = createHash('sha256').update(content).digest('hex');
  const lines = content.toString('utf8').split('\n').length;
  const mailbox = path.join(outputFolder, `${metadata.userId}.eml`);
  await fs.writeFile(mailbox, `To: ${metadata.recipientEmail}\nSubject: ${path.basename(metadata.file)}\n\n${lines} lines, sha256 ${digest}\n`);
}

function toWorkError(error) {
  if (error instanceof WorkError) return error;
  return new WorkError(error.message, error.code === undefined ? ErrorCategory.UNKNOWN : ErrorCategory.INFRASTRUCTURE, true);
}

module.exports = { deliverDigest, toWorkError };

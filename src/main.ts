#!/usr/bin/env node
/** The program: arguments and streams in, exit code out. */
import { createNodeIo } from './cli/node-io.ts';
import { runCli } from './cli/run-cli.ts';

// `nettrace … | head` closes our standard output early: that is the reader's choice and no error.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit();
  throw error;
});

// The code is set, not forced: what was written to a pipe is flushed before the process ends by itself.
process.exitCode = await runCli(process.argv.slice(2), createNodeIo(process));

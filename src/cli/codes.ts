/** `nettrace codes [CODE]` */
import { REASON_CODES } from '../explain/codes.ts';
import { nearest } from '../lib/nearest.ts';
import { printCode, printCodeList } from '../report/codes-text.ts';
import { type Command, stringOf } from './command.ts';
import { usageError } from './errors.ts';
import { EXIT } from './exit-code.ts';
import { addStyleOptions, reportOptionsOf } from './options.ts';

export const command: Command = {
  configure: (yargs) =>
    addStyleOptions(yargs.positional('code', { type: 'string', describe: 'A reason code; without it all are listed' }))
      .example('nettrace codes', 'the list')
      .example('nettrace codes POLICY_INGRESS_NO_MATCH', 'one code, with causes and fixes'),
  run(args, io) {
    const options = reportOptionsOf(args, io);
    const asked = stringOf(args, 'code');
    if (asked === undefined) {
      io.stdout(printCodeList(REASON_CODES, options));
      return EXIT.delivered;
    }
    const code = asked.toUpperCase().replaceAll('-', '_');
    const entry = REASON_CODES.get(code);
    if (entry === undefined) {
      const near = nearest(code, REASON_CODES.keys());
      throw usageError(
        `unknown reason code ${asked}${near.length === 0 ? '; nettrace codes lists all' : ` (did you mean ${near.join(', ')}?)`}`,
      );
    }
    io.stdout(printCode(code, entry, options));
    return EXIT.delivered;
  },
};

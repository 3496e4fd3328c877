/** Targets that change something on the way which routing, filtering and NAT do not look at. */
import { defineTarget } from '../target.ts';
import { readOptions } from './options.ts';

/** The maximum segment size announced in a SYN. net/netfilter/xt_TCPMSS.c */
export const TCPMSS = defineTarget<number | 'pmtu'>({
  name: 'TCPMSS',
  kernel: 'net/netfilter/xt_TCPMSS.c',
  parse(reader, context) {
    const options = readOptions(reader, 'TCPMSS', { '--set-mss': 1, '--clamp-mss-to-pmtu': 0 });
    const option = options.exactlyOneOf('--set-mss', '--clamp-mss-to-pmtu');
    // tcpmss_tg4_check() also wants a match for SYN packets; that is not the target's to see.
    if (context.protocol !== 6 || context.protocolInverted) throw options.error(option, 'TCPMSS needs -p tcp');
    return options.number('--set-mss', 0, context.family === 4 ? 65515 : 65495) ?? 'pmtu';
  },
  print: (mss) => (mss === 'pmtu' ? '--clamp-mss-to-pmtu' : `--set-mss ${mss}`),
  fire: (mss) => ({ kind: 'alter', what: mss === 'pmtu' ? 'MSS clamped to the path MTU' : `MSS ${mss}` }),
});

/** The class for traffic control (skb->priority). net/netfilter/xt_CLASSIFY.c */
export const CLASSIFY = defineTarget<string>({
  name: 'CLASSIFY',
  kernel: 'net/netfilter/xt_CLASSIFY.c',
  parse(reader) {
    const options = readOptions(reader, 'CLASSIFY', { '--set-class': 1 });
    const word = options.required('--set-class');
    const parts = /^([0-9a-fA-F]{1,4}):([0-9a-fA-F]{1,4})$/.exec(word);
    if (parts === null) throw options.error('--set-class', `"${word}" is no class`, 'MAJOR:MINOR in hexadecimal');
    return [parts[1], parts[2]].map((part = '') => part.toLowerCase().padStart(4, '0')).join(':');
  },
  print: (handle) => `--set-class ${handle}`,
  fire: (handle) => ({ kind: 'alter', what: `class ${handle}` }),
});

/** Fills in a checksum that was left to the hardware. net/netfilter/xt_CHECKSUM.c */
export const CHECKSUM = defineTarget<undefined>({
  name: 'CHECKSUM',
  kernel: 'net/netfilter/xt_CHECKSUM.c',
  parse(reader) {
    const options = readOptions(reader, 'CHECKSUM', { '--checksum-fill': 0 });
    options.exactlyOneOf('--checksum-fill');
    return undefined;
  },
  print: () => '--checksum-fill',
  fire: () => ({ kind: 'alter', what: 'checksum filled in' }),
});

/** Switches the kernel's rule tracing on for the packet. net/netfilter/xt_TRACE.c */
export const TRACE = defineTarget<undefined>({
  name: 'TRACE',
  kernel: 'net/netfilter/xt_TRACE.c',
  parse: () => undefined,
  print: () => '',
  fire: () => ({ kind: 'trace' }),
});

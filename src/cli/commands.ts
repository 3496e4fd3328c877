/** The list of commands. A new one is a module that exports `command`, and a line here. */
import type { CommandEntry } from './command.ts';

export const COMMANDS: readonly CommandEntry[] = [
  {
    usage: ['$0 [source] [destination]', 'trace [source] [destination]'],
    summary: 'Walk a packet from SOURCE to DESTINATION, and its reply, and say what happens and why',
    load: () => import('./trace.ts'),
  },
  {
    usage: 'show <what> [target]',
    summary: 'Print what a machine holds, as the real tool prints it',
    load: () => import('./show.ts'),
  },
  {
    usage: 'compare [source] [destination]',
    summary: 'Answer one question in several modes of kube-proxy, side by side',
    load: () => import('./compare.ts'),
  },
  {
    usage: 'matrix',
    summary: 'Who reaches whom: a table of full walks',
    load: () => import('./matrix.ts'),
  },
  {
    usage: 'policy [source] [destination]',
    summary: 'What the policies alone say about one connection, tier by tier, in both directions',
    load: () => import('./policy.ts'),
  },
  {
    usage: 'connectivity',
    summary: 'Every connection that the policies allow, between workloads and with the outside',
    load: () => import('./connectivity.ts'),
  },
  {
    usage: 'diff [before] [after]',
    summary: 'Connections opened and closed between two sets of manifests',
    load: () => import('./diff.ts'),
  },
  {
    usage: 'test [suites..]',
    summary: 'Run regression suites (*.nettest.yaml)',
    load: () => import('./test.ts'),
  },
  {
    usage: 'lint',
    summary: 'Mistakes in policies, Services, Ingresses and topology that are allowed',
    load: () => import('./lint.ts'),
  },
  { usage: 'validate', summary: 'Check the input files only', load: () => import('./validate.ts') },
  {
    usage: 'codes [code]',
    summary: 'What a reason code means, its usual causes and fixes',
    load: () => import('./codes.ts'),
  },
  {
    usage: 'lab <action> [machine] [words..]',
    summary: 'Build the topology in network namespaces of this Linux machine: script, up, exec, down',
    passesOn: true,
    load: () => import('./lab.ts'),
  },
  {
    usage: 'completion [shell]',
    summary: 'Print a script that completes commands and options',
    load: () => import('./completion.ts'),
  },
];

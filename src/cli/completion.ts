/** `nettrace completion`: a script for the shell. Names of Pods are not completed: that would read the input at every key. */

import { SHOW_WORDS } from '../query/show/show-words.ts';
import { type Command, stringOf } from './command.ts';
import { COMMAND_NAMES } from './command-names.ts';
import { usageError } from './errors.ts';
import { EXIT } from './exit-code.ts';

const OPTIONS: readonly string[] = [
  '--file',
  '--recursive',
  '--lenient',
  '--namespace',
  '--protocol',
  '--all-pods',
  '--source-port',
  '--backend',
  '--seed',
  '--all-branches',
  '--size',
  '--no-dns',
  '--no-reply',
  '--output',
  '--proxy',
  '--verbose',
  '--quiet',
  '--no-color',
  '--ascii',
  '--lang',
  '--batch',
  '--explain',
  '--exposure',
  '--focus',
  '--from',
  '--to',
  '--port',
  '--fail-on',
  '--help',
  '--version',
];

export const command: Command = {
  configure: (yargs) =>
    yargs
      .positional('shell', { type: 'string', default: 'bash', describe: 'bash, zsh or fish' })
      .example('source <(nettrace completion bash)', 'for this shell'),
  run(args, io) {
    const shell = stringOf(args, 'shell') ?? 'bash';
    const script = SCRIPTS.get(shell);
    if (script === undefined) throw usageError(`unknown shell ${shell}; known: ${[...SCRIPTS.keys()].join(', ')}`);
    io.stdout(script());
    return EXIT.delivered;
  },
};

const bash = (): string => `# bash completion for nettrace
_nettrace() {
  local current="\${COMP_WORDS[COMP_CWORD]}" previous="\${COMP_WORDS[COMP_CWORD-1]}"
  case "$previous" in
    -f|--file|--batch) COMPREPLY=($(compgen -f -- "$current")); return ;;
    -o|--output) COMPREPLY=($(compgen -W "text tree json csv md dot mermaid" -- "$current")); return ;;
    -p|--protocol) COMPREPLY=($(compgen -W "tcp udp sctp icmp" -- "$current")); return ;;
    --lang) COMPREPLY=($(compgen -W "en zh" -- "$current")); return ;;
    show) COMPREPLY=($(compgen -W "${SHOW_WORDS.join(' ')}" -- "$current")); return ;;
  esac
  if [[ "$current" == -* ]]; then COMPREPLY=($(compgen -W "${OPTIONS.join(' ')}" -- "$current"))
  elif [[ $COMP_CWORD -eq 1 ]]; then COMPREPLY=($(compgen -W "${COMMAND_NAMES.join(' ')}" -- "$current"))
  fi
}
complete -o default -F _nettrace nettrace
`;

const zsh = (): string => `#compdef nettrace
autoload -U +X bashcompinit && bashcompinit
${bash()}`;

const fish = (): string =>
  [
    '# fish completion for nettrace',
    `complete -c nettrace -n __fish_use_subcommand -a '${COMMAND_NAMES.join(' ')}'`,
    `complete -c nettrace -n '__fish_seen_subcommand_from show' -a '${SHOW_WORDS.join(' ')}'`,
    "complete -c nettrace -s o -l output -x -a 'text tree json csv md dot mermaid'",
    "complete -c nettrace -s p -l protocol -x -a 'tcp udp sctp icmp'",
    'complete -c nettrace -s f -l file -r',
    ...OPTIONS.filter((option) => option !== '--output' && option !== '--protocol' && option !== '--file').map(
      (option) => `complete -c nettrace -l ${option.slice(2)}`,
    ),
    '',
  ].join('\n');

const SCRIPTS: ReadonlyMap<string, () => string> = new Map([
  ['bash', bash],
  ['zsh', zsh],
  ['fish', fish],
]);

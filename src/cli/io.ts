/** All that commands may do to the world. Tests give their own. */
export type Io = {
  readonly stdout: (text: string) => void;
  readonly stderr: (text: string) => void;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly isTerminal: boolean;
  readonly files: Files;
};

/** The file system, read only. Paths are relative to the working directory. */
export type Files = {
  /** undefined when there is nothing at the path. Throws InputError when it cannot be read. */
  kind(path: string): 'file' | 'directory' | undefined;
  read(path: string): string;
  /** All of standard input. */
  readStdin(): string;
  /** Names in the directory, sorted by code points. */
  list(path: string): readonly string[];
};

/** All that commands may do to the world. Tests give their own. */
export type Io = {
  readonly stdout: (text: string) => void;
  readonly stderr: (text: string) => void;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly isTerminal: boolean;
  readonly files: Files;
  /** Writes a file that the user named. Throws CliError where that cannot be done. */
  readonly writeFile?: (path: string, text: string) => void;
  /** Of long work: shows how far it is, where standard error is a terminal; '' wipes it out. */
  readonly progress?: (text: string) => void;
  /** Of long work, between two of its parts: whether the user pressed Ctrl-C and wants what there is. */
  readonly interrupted?: () => Promise<boolean>;
  /** Calls back with those of the files and folders in which something has changed, until the process ends. */
  readonly watch?: (paths: readonly string[], changed: (paths: readonly string[]) => void) => Promise<void>;
  /** Only commands that build something on this machine ask for it. */
  readonly system?: System;
};

/** Programs and files of this machine. No program is ever started through a shell. */
export type System = {
  readonly platform: string;
  /** undefined where users have no number. */
  readonly uid: number | undefined;
  run(program: string, words: readonly string[], input?: string): Ran;
  /** Starts a process that goes on without us; its process id, or undefined if it could not start. */
  start(program: string, words: readonly string[]): number | undefined;
  /** With our terminal; the program's exit status. */
  attach(program: string, words: readonly string[]): Promise<number>;
  kill(pid: number, signal: 'SIGTERM' | 'SIGKILL'): void;
  /**
   * Does work that must not be left half done: a signal that would end us is heard between its steps, when the work asks,
   * and has its usual effect afterwards.
   */
  heeding<T>(work: (interrupted: () => Promise<boolean>) => Promise<T>): Promise<T>;
  /** Whether files can be made in the folder, which is made if need be. */
  writableFolder(path: string): boolean;
  names(folder: string): readonly string[];
  readText(path: string): string | undefined;
  /** false where there is such a file already, or none can be made. */
  createText(path: string, text: string): boolean;
  replaceText(path: string, text: string): void;
  remove(path: string): void;
};

/** `status` is undefined for a program that is not there. */
export type Ran = { readonly status: number | undefined; readonly stdout: string; readonly stderr: string };

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

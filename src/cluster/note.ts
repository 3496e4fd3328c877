/** One thing that the input leaves out and that was derived as the real component would: an assumption of the answer. */
export type Note = {
  /** Stable kebab-case id, such as `pod-address`. */
  readonly code: string;
  readonly message: string;
  /** The object it is about, so that an answer can name only what it rests on: `Pod shop/web-0`, `Node vms81`. */
  readonly about?: string;
};

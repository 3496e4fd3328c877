import { defineConfig } from 'vitest/config';

/** The suite that needs a Linux kernel: `npm run test:kernel`. See test/kernel/README.md. */
export default defineConfig({
  test: {
    root: new URL('..', import.meta.url).pathname,
    include: ['test/kernel/**/*.lab.ts'],
    testTimeout: 600_000,
    hookTimeout: 60_000,
    maxWorkers: 2,
  },
});

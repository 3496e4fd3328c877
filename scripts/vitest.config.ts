import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    root: new URL('..', import.meta.url).pathname,
    include: ['test/**/*.test.ts'],
    testTimeout: 20_000,
    // By itself vitest leaves one of two cores to nobody.
    maxWorkers: '100%',
  },
});

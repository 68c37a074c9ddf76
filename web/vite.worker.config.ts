import { defineConfig } from 'vite'

// The worker that the tabs of a browser share for their one stream.
export default defineConfig({
  build: {
    outDir: '../internal/console/dist',
    emptyOutDir: false,
    target: ['chrome100', 'firefox113', 'safari16.4'],
    modulePreload: false,
    rollupOptions: { input: 'src/console/worker.ts', output: { format: 'iife', entryFileNames: 'worker.js' } },
  },
} as Parameters<typeof defineConfig>[0])

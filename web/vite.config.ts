import { svelte } from '@sveltejs/vite-plugin-svelte'
import { defineConfig } from 'vite'
import { singleFile } from './build/single-file.js'

// The report is one script and one style sheet inside one page. Nothing here may depend on the clock, the machine or the network: the
// same sources give the same bytes, and check.sh compares them with the committed page.
export default defineConfig({
  plugins: [svelte(), singleFile({ page: 'report.html' })],
  build: {
    outDir: '../internal/report/dist',
    emptyOutDir: true,
    target: ['chrome100', 'firefox113', 'safari16.4'],
    modulePreload: false,
    cssCodeSplit: false,
    rollupOptions: {
      input: 'src/report.ts',
      output: { format: 'iife' },
    },
  },
  test: { include: ['src/**/*.test.ts'], environment: 'node', css: true },
} as Parameters<typeof defineConfig>[0])

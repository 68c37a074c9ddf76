import { PAYLOAD, type Payload } from './payload'

/**
 * open reads what a page carries: JSON, or the same packed with deflate and written in base64. It throws an Error in words for people.
 */
export async function open(text: string): Promise<Payload> {
  const trimmed = text.trim()
  if (trimmed === '') throw new Error('This page carries no report.')
  const json = trimmed.startsWith('{') ? trimmed : await inflate(trimmed)
  const payload = JSON.parse(json) as Payload
  if (payload.payload !== PAYLOAD) throw new Error(`This page reads payload ${PAYLOAD} and carries payload ${payload.payload}.`)
  if (!payload.runs?.length) throw new Error('This page carries no run.')
  return payload
}

async function inflate(base64: string): Promise<string> {
  if (typeof DecompressionStream === 'undefined') {
    throw new Error('This browser cannot unpack the report. Chrome 103, Firefox 113, Safari 16.4 and later can.')
  }
  const stream = new Blob([bytesOf(base64)]).stream().pipeThrough(new DecompressionStream('deflate-raw'))
  return new Response(stream).text()
}

function bytesOf(base64: string): Uint8Array<ArrayBuffer> {
  const binary = atob(base64)
  const bytes = new Uint8Array(binary.length)
  for (let i = 0; i < binary.length; i++) bytes[i] = binary.charCodeAt(i)
  return bytes
}

// Package hpack compresses and decompresses the header fields of HTTP/2 (RFC 7541), for a client that keeps thousands of connections.
//
// It allocates nothing once a connection has got going: a [Decoder] keeps its table in one buffer and gives fields as slices that are valid
// during a call, an [Encoder] remembers what the peer's table holds as numbers alone. It knows nothing of frames, and which fields HTTP
// permits is its caller's business.
package hpack

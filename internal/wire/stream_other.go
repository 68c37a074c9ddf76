//go:build !unix

package wire

const canReadNow = false

func (b *bareConn) readNow([]byte) (int, error) { return 0, errNotYet }

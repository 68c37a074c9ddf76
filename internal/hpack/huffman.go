package hpack

// node is one step of decoding: for each byte of the code that may come next either a symbol, with how many of the bits it takes, or the
// node where its code goes on.
type node struct {
	next   [256]uint8
	symbol [256]uint8
	bits   [256]uint8 // 0: no symbol ends in this byte
}

// nowhere marks what can only be the code that ends strings, which must not occur.
const nowhere = 0xff

// nodes is the tree of all codes. The first is its root.
var nodes = func() []node {
	tree := []node{newNode()}
	for symbol, c := range codes {
		at, left := 0, c.n
		for ; left > 8; left -= 8 {
			b := c.bits >> (left - 8) & 0xff
			if tree[at].next[b] == nowhere {
				tree = append(tree, newNode())
				tree[at].next[b] = uint8(len(tree) - 1)
			}
			at = int(tree[at].next[b])
		}
		first := c.bits << (8 - left) & 0xff
		for i := range uint32(1) << (8 - left) {
			tree[at].symbol[first+i], tree[at].bits[first+i] = uint8(symbol), left
		}
	}
	return tree
}()

func newNode() (n node) {
	for i := range n.next {
		n.next[i] = nowhere
	}
	return n
}

// appendDecoded decodes a string (RFC 7541, 5.2). It reports false for codes that do not exist, and for padding that is longer than seven
// bits or holds something else than ones.
func appendDecoded(dst, src []byte) ([]byte, bool) {
	var bits uint32
	var have, open uint8 // open: bits of bits, or taken from it already, that belong to no symbol yet
	at := &nodes[0]
	for _, b := range src {
		bits, have, open = bits<<8|uint32(b), have+8, open+8
		for have >= 8 {
			i := uint8(bits >> (have - 8))
			if n := at.bits[i]; n != 0 {
				dst = append(dst, at.symbol[i])
				have, at = have-n, &nodes[0]
				open = have
				continue
			}
			next := at.next[i]
			if next == nowhere {
				return dst, false
			}
			have, at = have-8, &nodes[next]
		}
	}
	for have > 0 {
		i := uint8(bits << (8 - have))
		n := at.bits[i]
		if n == 0 || n > have {
			break
		}
		dst = append(dst, at.symbol[i])
		have, at = have-n, &nodes[0]
		open = have
	}
	return dst, open < 8 && bits&(1<<have-1) == 1<<have-1
}

// encodedLen is the length of s when encoded.
func encodedLen(s []byte) int {
	n := 0
	for _, c := range s {
		n += int(codes[c].n)
	}
	return (n + 7) / 8
}

// appendEncoded encodes s.
func appendEncoded(dst, s []byte) []byte {
	var bits uint64
	var have uint8
	for _, c := range s {
		k := codes[c]
		bits, have = bits<<k.n|uint64(k.bits), have+k.n
		for have >= 8 {
			have -= 8
			dst = append(dst, byte(bits>>have))
		}
	}
	if have > 0 {
		dst = append(dst, byte(bits<<(8-have))|byte(1<<(8-have)-1))
	}
	return dst
}

package hist

// Skip returns what follows the histogram that AppendBinary wrote at the start of b, and takes no memory. It looks at the bytes as closely
// as Decode does.
func Skip(b []byte) (rest []byte, err error) {
	h, b, err := readHead(b)
	if err != nil || h.n == 0 {
		return b, err
	}
	_, size, err := checkBuckets(b, h.n, bucketOf(h.low), bucketOf(h.high))
	if err != nil {
		return nil, err
	}
	return b[size:], nil
}

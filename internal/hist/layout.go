package hist

import "math/bits"

// The layout is HDR's with 256 sub-buckets and a unit of 1 ns: what hdrhistogram-go makes of New(1, 1<<42-1, 2), bucket by bucket, so
// that an export to its log format loses nothing.
const (
	subBits = 8      // the first 256 values have a bucket each
	half    = 1 << 7 // buckets in each power of two above them
	topBits = 42     // values of 2^42 ns and more are clamped

	buckets = 1<<subBits + (topBits-subBits)*half // 4,608 regular ones
	over    = buckets                             // the bucket of clamped values
)

// Limit is the first value that is clamped: 2^42 ns, 73 minutes and 18 seconds. Such values are counted and their sum, minimum and
// maximum stay exact, but a quantile among them is only known to be between Limit and Max, and is given as Max.
const Limit = int64(1) << topBits

// bucketOf is the bucket of a value. Negative values must have been clamped to 0.
func bucketOf(v int64) int {
	if v >= Limit {
		return over
	}
	e := bits.Len64(uint64(v)|(1<<subBits-1)) - subBits
	return e*half + int(uint64(v)>>(uint(e)&63))
}

// boundsOf is the first and the last value of a bucket. The bucket of clamped values ends nowhere: its high bound is given as low.
func boundsOf(b int) (low, high int64) {
	if b < 1<<subBits {
		return int64(b), int64(b)
	}
	e := uint(b/half - 1)
	low = int64(b%half+half) << e
	if b >= over {
		return low, low
	}
	return low, low + int64(1)<<e - 1
}

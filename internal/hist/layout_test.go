package hist

import (
	"math"
	"testing"

	"github.com/HdrHistogram/hdrhistogram-go"
)

// oracle is the histogram of another hand with the same layout.
func oracle() *hdrhistogram.Histogram { return hdrhistogram.New(1, Limit-1, 2) }

func TestBucketsAreContiguous(t *testing.T) {
	next := int64(0)
	for b := range buckets {
		low, high := boundsOf(b)
		if low != next {
			t.Fatalf("bucket %d begins at %d, the one before ends at %d", b, low, next-1)
		}
		if bucketOf(low) != b || bucketOf(high) != b {
			t.Fatalf("bucket %d holds %d to %d, whose buckets are %d and %d", b, low, high, bucketOf(low), bucketOf(high))
		}
		if half := float64(high-low) / 2; half > 0.004*float64(low) {
			t.Fatalf("bucket %d from %d to %d: its middle is %.2f %% off its end", b, low, high, 100*half/float64(low))
		}
		next = high + 1
	}
	if next != Limit {
		t.Errorf("the buckets end at %d, want Limit, %d", next, Limit)
	}
	for _, v := range []int64{Limit, Limit + 1, math.MaxInt64} {
		if bucketOf(v) != over {
			t.Errorf("%d is in bucket %d, want that of clamped values", v, bucketOf(v))
		}
	}
}

// The same values share a bucket here as in hdrhistogram-go, so that an export to its format loses nothing.
func TestLayoutIsThatOfHDR(t *testing.T) {
	hdr := oracle()
	for b := range buckets {
		low, high := boundsOf(b)
		if !hdr.ValuesAreEquivalent(low, high) {
			t.Fatalf("HDR has %d and %d apart, bucket %d has both", low, high, b)
		}
		if high+1 < Limit && hdr.ValuesAreEquivalent(high, high+1) {
			t.Fatalf("HDR has %d and %d together, bucket %d ends between them", high, high+1, b)
		}
	}
}

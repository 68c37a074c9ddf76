package aws_test

import (
	"bytes"
	"fmt"
	"net/http/httptest"
	"slices"
	"testing"

	"github.com/johannesboyne/gofakes3"
	"github.com/johannesboyne/gofakes3/backend/s3mem"

	"github.com/stampede-load/stampede/internal/deploy/aws"
)

// What is said to S3 is understood by a server of others: objects of any size and name, lists of more than one page, and that there is no bucket.
func TestObjectsAtAnotherServer(t *testing.T) {
	store := s3mem.New()
	if err := store.CreateBucket("bundles"); err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(gofakes3.New(store).Server())
	defer server.Close()
	c := client(nil, "us-east-1")
	c.HTTP, c.Endpoint = server.Client(), server.URL
	put := func(bucket, key string, body []byte) error {
		return c.Do(t.Context(), aws.Call{Service: "s3", Action: "PutObject", In: aws.Params{"Bucket": bucket, "Key": key}, Body: body}, nil)
	}
	list := func(prefix string) (keys []string, asked int) {
		in := aws.Params{"Bucket": "bundles", "Prefix": prefix}
		for asked = 1; ; asked++ {
			var out struct {
				Keys []string `xml:"Contents>Key"`
				More string   `xml:"NextContinuationToken"`
			}
			if err := c.Do(t.Context(), aws.Call{Service: "s3", Action: "ListBucket", In: in}, &out); err != nil || asked > 10 {
				t.Fatal(asked, err)
			}
			keys = append(keys, out.Keys...)
			if out.More == "" {
				return keys, asked
			}
			in["ContinuationToken"] = out.More
		}
	}
	large := bytes.Repeat([]byte("0123456789abcdef"), 6<<16)
	odd := "stampede/tour/a b+c=d&e ü%20.zip"
	if err := put("bundles", odd, large); err != nil {
		t.Fatal(err)
	}
	if o, err := store.GetObject("bundles", odd, nil); err != nil {
		t.Error(err)
	} else if o.Size != int64(len(large)) {
		t.Errorf("%d of %d bytes came", o.Size, len(large))
	}
	want := []string{odd}
	for i := range 1050 { // a page has a thousand
		key := fmt.Sprintf("stampede/tour/b%04d", i)
		want = append(want, key)
		if err := put("bundles", key, nil); err != nil {
			t.Fatal(err)
		}
	}
	if err := put("bundles", "stampede/tours/other", nil); err != nil {
		t.Fatal(err)
	}
	if got, asked := list("stampede/tour/"); !slices.Equal(got, want) || asked < 2 {
		t.Errorf("in %d pages there are %d objects, want %d", asked, len(got), len(want))
	}
	for _, key := range append(want, "stampede/tour/that-was-never-there") {
		if err := c.Do(t.Context(), aws.Call{Service: "s3", Action: "DeleteObject", In: aws.Params{"Bucket": "bundles", "Key": key}}, nil); err != nil {
			t.Fatal(key, err)
		}
	}
	if got, _ := list("stampede/"); !slices.Equal(got, []string{"stampede/tours/other"}) {
		t.Errorf("left are %q", got)
	}
	if err := put("nobodys", "a", nil); !aws.Refused(err, "NoSuchBucket") {
		t.Error(err)
	}
}

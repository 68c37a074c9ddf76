package gotest_test

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// BenchmarkImport is what it takes from a recording of 1,000 requests, each with a token that the answer before gave, to the files of a test.
func BenchmarkImport(b *testing.B) {
	var har strings.Builder
	start := time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)
	filler := strings.Repeat("what people read on pages is words of all kinds <b>and</b> markup ", 120)
	token := "first0token1of2all"
	har.WriteString(`{"log":{"version":"1.2","entries":[`)
	for i := range 1000 {
		if i > 0 {
			har.WriteByte(',')
		}
		fmt.Fprintf(&har, `{"startedDateTime":%q,"time":40,"_resourceType":"document","request":{"method":"POST","url":"https://shop.example/step/%d","headers":[{"name":"Content-Type","value":"application/x-www-form-urlencoded"}],`+
			`"postData":{"mimeType":"application/x-www-form-urlencoded","text":"token=%s&n=%d"}},"response":{"status":200,"headers":[],"content":{"mimeType":"text/html","text":"`, start.Add(time.Duration(i)*3*time.Second).Format(time.RFC3339Nano), i, token, i)
		token = fmt.Sprintf("%016x", uint64(i+1)*0x9e3779b97f4a7c15)
		fmt.Fprintf(&har, `%s<form><input type='hidden' name='token' value='%s'></form>"}}}`, filler, token)
	}
	har.WriteString("]}}")
	text := []byte(har.String())
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		makeTest(b, "shop", text)
	}
}

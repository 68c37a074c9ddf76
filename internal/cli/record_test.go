package cli

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stampede-load/stampede/internal/testsite/peer"
)

// A visit through the proxy, ended by Ctrl-C, becomes a test.
func TestRecord(t *testing.T) {
	site := newSite()
	defer site.Close()
	at := fmt.Sprintf("127.0.0.1:%d", peer.FreePort(t))
	dir := t.TempDir()
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	signals := make(chan os.Signal, 1)
	var out, errs bytes.Buffer
	ended := make(chan int)
	go func() {
		ended <- Main(context.Background(), programs()["stampede"], System{
			Args: []string{"stampede", "record", "--host", site.URL, "--out", "shop", "--browser", "none", "--listen", at, "--ca", "ca.pem", "--har", "visit.har", "--source", root},
			Dir:  dir, In: strings.NewReader(""), Out: &out, Err: &errs, Interrupts: signals, Environ: []string{"HOME=" + dir},
		})
	}()
	tr := &http.Transport{Proxy: http.ProxyURL(&url.URL{Scheme: "http", Host: at})}
	defer tr.CloseIdleConnections()
	client := &http.Client{Transport: tr, Timeout: 20 * time.Second}
	for due := time.Now().Add(20 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		resp, err := client.Get(site.URL + "/news")
		if err == nil {
			resp.Body.Close()
			break
		}
		if time.Now().After(due) {
			t.Fatal(err)
		}
	}
	signals <- os.Interrupt
	if status := <-ended; status != 0 {
		t.Fatalf("ended with %d: %s%s", status, out.String(), errs.String())
	}
	source, err := os.ReadFile(filepath.Join(dir, "shop", "main.go"))
	if err != nil || !strings.Contains(string(source), `"/news"`) || !strings.Contains(out.String(), "shop is a test of") {
		t.Errorf("%v; it says %s and holds:\n%s", err, out.String(), source)
	}
	if har, err := os.ReadFile(filepath.Join(dir, "visit.har")); err != nil || !strings.Contains(string(har), "/news") {
		t.Errorf("the recording is %.60q, %v", har, err)
	}
	if pem, err := os.ReadFile(filepath.Join(dir, "ca.pem")); err != nil || !strings.HasPrefix(string(pem), "-----BEGIN CERTIFICATE-----") || strings.Contains(string(pem), "PRIVATE") {
		t.Errorf("the certificate is %.60q, %v", pem, err)
	}
}

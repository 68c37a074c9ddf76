package cli

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"io"
	"log"
	"math/big"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// identity is a certificate for this test with its key, as a PEM file holds them.
func identity(t *testing.T) []byte {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "a load test"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	keyDER, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	return append(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: keyDER})...)
}

// A private site is reached with its own authority and a client certificate, and not without.
func TestOwnCertificates(t *testing.T) {
	site := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprint(w, r.TLS.PeerCertificates[0].Subject.CommonName)
	}))
	site.TLS = &tls.Config{ClientAuth: tls.RequireAnyClientCert}
	site.Config.ErrorLog = log.New(io.Discard, "", 0)
	site.StartTLS()
	defer site.Close()

	dir := t.TempDir()
	write := func(name string, data []byte) {
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("ca.pem", pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: site.Certificate().Raw}))
	write("me.pem", identity(t))
	write("junk.pem", []byte("junk"))

	hit := func(flags ...string) (int, string) {
		status, out, errs := stock(t, dir, append([]string{"hit", "-n", "1", "-u", "1", "--allow-invalid", site.URL}, flags...)...)
		return status, out + errs
	}
	if status, text := hit("--cacert", "ca.pem", "--cert", "me.pem"); status != 0 {
		t.Errorf("status %d with both certificates:\n%s", status, text)
	}
	if status, text := hit("--cert", "me.pem"); status != 1 || !strings.Contains(text, "tls") {
		t.Errorf("status %d without the authority, want 1 and the reason:\n%s", status, text)
	}
	if status, text := hit("--cacert", "junk.pem", "--cert", "junk.pem"); status != 2 || !strings.Contains(text, "no certificate in PEM form") || !strings.Contains(text, "private key") {
		t.Errorf("status %d with files that are none, want 2 and both mistakes:\n%s", status, text)
	}
	if status, text := hit("--cacert", "none.pem"); status != 2 || !strings.Contains(text, "cannot be read") {
		t.Errorf("status %d with a missing file, want 2:\n%s", status, text)
	}
}

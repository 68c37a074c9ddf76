package site

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
)

// document is something the site can send, made once: its bytes, the same bytes compressed, and its header values. Sending it costs
// one write.
type document struct {
	contentType  string
	cacheControl string
	tag          string // entity tag, quoted
	body         []byte
	zipped       []byte // nil for what is compressed already
	zippedTag    string // a strong tag names bytes, so the compressed form has its own
}

// printer makes documents. It exists for its compressor, whose tables of 800 KB would otherwise be made anew for each document.
type printer struct {
	zip *gzip.Writer
}

func newPrinter() (*printer, error) {
	zip, err := gzip.NewWriterLevel(io.Discard, gzip.BestCompression)
	if err != nil {
		return nil, fmt.Errorf("site: make a compressor: %w", err)
	}
	return &printer{zip}, nil
}

// print makes a document, which keeps body.
func (p *printer) print(contentType, cacheControl string, body []byte) (*document, error) {
	sum := sha256.Sum256(body)
	hash := base64.RawURLEncoding.EncodeToString(sum[:9])
	d := &document{
		contentType:  contentType,
		cacheControl: cacheControl,
		tag:          `"` + hash + `"`,
		body:         body,
		zippedTag:    `"` + hash + `-gzip"`,
	}
	if contentType == "image/png" {
		return d, nil // compressed already
	}
	zipped, err := p.compress(body)
	if err != nil {
		return nil, fmt.Errorf("site: compress a document: %w", err)
	}
	d.zipped = zipped
	return d, nil
}

func (p *printer) compress(body []byte) ([]byte, error) {
	var buf bytes.Buffer
	p.zip.Reset(&buf)
	if _, err := p.zip.Write(body); err != nil {
		return nil, err
	}
	if err := p.zip.Close(); err != nil {
		return nil, err
	}
	return buf.Bytes(), nil
}

// send answers with the document, or with 304 if the client says it has it. A status other than 200 is always sent in full.
func (d *document) send(w http.ResponseWriter, r *http.Request, status int) {
	header := w.Header()
	header.Set("Cache-Control", d.cacheControl)
	body, tag := d.body, d.tag
	if d.zipped != nil {
		header.Set("Vary", "Accept-Encoding")
		if acceptsGzip(r.Header.Get("Accept-Encoding")) {
			body, tag = d.zipped, d.zippedTag
			header.Set("Content-Encoding", "gzip")
		}
	}
	if status == http.StatusOK {
		header.Set("ETag", tag)
		if matches(r.Header.Get("If-None-Match"), tag) {
			header.Del("Content-Encoding")
			w.WriteHeader(http.StatusNotModified)
			return
		}
	}
	header.Set("Content-Type", d.contentType)
	header.Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(status)
	if r.Method != http.MethodHead {
		_, _ = w.Write(body) // an error means the client has gone; there is nobody to tell
	}
}

// acceptsGzip reads an Accept-Encoding header (RFC 9110, section 12.5.3): a list of codings, each with an optional weight, of which
// zero means "not this one".
func acceptsGzip(header string) bool {
	anything := false
	for item := range strings.SplitSeq(header, ",") {
		coding, parameters, _ := strings.Cut(item, ";")
		switch strings.ToLower(strings.TrimSpace(coding)) {
		case "gzip", "x-gzip":
			return !refused(parameters)
		case "*":
			anything = !refused(parameters)
		}
	}
	return anything
}

// refused reports whether the parameters of a coding say q=0.
func refused(parameters string) bool {
	name, value, _ := strings.Cut(parameters, "=")
	if !strings.EqualFold(strings.TrimSpace(name), "q") {
		return false
	}
	weight, err := strconv.ParseFloat(strings.TrimSpace(value), 64)
	return err == nil && weight == 0
}

// matches reads an If-None-Match header (RFC 9110, section 13.1.2): "*" or a list of entity tags, compared weakly.
func matches(header, tag string) bool {
	for item := range strings.SplitSeq(header, ",") {
		item = strings.TrimSpace(item)
		if item == "*" || strings.TrimPrefix(item, "W/") == tag {
			return true
		}
	}
	return false
}

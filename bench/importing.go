package main

import (
	"bufio"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// importing measures what it takes to write a test of a recording: 1,000 requests, and a recording of 300 MB.
func (b *bench) importing() error {
	program, err := b.build("cmd/stampede")
	if err != nil {
		return err
	}
	requests := 6000
	if b.count > 0 {
		requests = b.count
	}
	for _, m := range []struct {
		name           string
		requests, size int // of each answer, in bytes
		limit          time.Duration
		memory         int64 // in MB
	}{
		{"1,000 requests", 1000, 8_000, time.Second, 500},
		{"large", requests, 50_000, 30 * time.Second, 500},
	} {
		file := filepath.Join(b.dir, "recorded.har")
		size, err := record(file, m.requests, m.size)
		if err != nil {
			return err
		}
		out := filepath.Join(b.dir, strings.ReplaceAll(m.name, ",", ""))
		cmd := exec.CommandContext(b.ctx, program, "import", "har", file, "--out", out, "--source", ".")
		cmd.Stderr = os.Stderr
		begun := time.Now()
		if err := cmd.Run(); err != nil {
			return fmt.Errorf("import har: %w", err)
		}
		took, memory := time.Since(begun), peak(cmd.ProcessState)
		fmt.Printf("   %-16s %6d requests, %4d MB: %6.2f s, at most %d MB of memory\n", m.name, m.requests, size>>20, took.Seconds(), memory)
		if took > m.limit || memory > m.memory {
			b.failed = append(b.failed, fmt.Sprintf("import of %s: more than %v or %d MB", m.name, m.limit, m.memory))
		}
	}
	return nil
}

// record writes a recording of pages, each with a token that the next request sends.
func record(file string, requests, size int) (int64, error) {
	f, err := os.Create(file)
	if err != nil {
		return 0, err
	}
	w := bufio.NewWriterSize(f, 1<<20)
	r := rand.New(rand.NewPCG(1, 2))
	words := strings.Fields("what people read on pages is words of all kinds and lengths 1234 with numbers between them <b>and</b> markup")
	token := "first0token1of2all"
	start := time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)
	fmt.Fprint(w, `{"log":{"version":"1.2","entries":[`)
	for i := range requests {
		if i > 0 {
			fmt.Fprint(w, ",")
		}
		fmt.Fprintf(w, `{"startedDateTime":%q,"time":40,"_resourceType":"document","request":{"method":"POST","url":"https://shop.example/step/%d","headers":[{"name":"Content-Type","value":"application/x-www-form-urlencoded"}],`+
			`"postData":{"mimeType":"application/x-www-form-urlencoded","text":"token=%s&n=%d"}},"response":{"status":200,"headers":[],"content":{"mimeType":"text/html","text":"`, start.Add(time.Duration(i)*3*time.Second).Format(time.RFC3339Nano), i, token, i)
		token = fmt.Sprintf("%x", r.Uint64())
		for n := 0; n < size; {
			word := words[r.IntN(len(words))]
			fmt.Fprint(w, word, " ")
			n += len(word) + 1
		}
		fmt.Fprintf(w, `<form><input type='hidden' name='token' value='%s'></form>"}}}`, token)
	}
	fmt.Fprint(w, "]}}")
	if err := w.Flush(); err != nil {
		return 0, err
	}
	info, err := f.Stat()
	if err != nil {
		return 0, err
	}
	return info.Size(), f.Close()
}

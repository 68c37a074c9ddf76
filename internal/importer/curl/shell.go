package curl

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"mvdan.cc/sh/v3/syntax"
)

var (
	prompt   = regexp.MustCompile(`(?m)^[ \t]*[$#>%][ \t]+curl\b`)
	carets   = regexp.MustCompile(`\^(\r?\n(?:\r?\n)?|.)`)
	cmdStyle = regexp.MustCompile(`\^["\r\n]`)
)

// commands splits what was pasted into command lines, as a shell would: each is a list of words. Nothing is expanded or run.
func commands(text string) ([][]string, error) {
	text = prompt.ReplaceAllStringFunc(text, func(s string) string { return "curl" })
	if cmdStyle.MatchString(text) { // "Copy as cURL (cmd)" of Windows
		text = carets.ReplaceAllStringFunc(text, func(s string) string {
			switch strings.Count(s, "\n") {
			case 1:
				return " " // the command goes on
			case 2:
				return "\n" // a line break of what is sent
			}
			return s[1:]
		})
		text = strings.NewReplacer("$", `\$`, "`", "\\`").Replace(text)
	}
	file, err := syntax.NewParser(syntax.Variant(syntax.LangBash)).Parse(strings.NewReader(text), "")
	if err != nil {
		var p syntax.ParseError
		if errors.As(err, &p) {
			return nil, fmt.Errorf("line %d, column %d: %s; copy the whole command, or give it in a file: import curl FILE", p.Pos.Line(), p.Pos.Col(), p.Text)
		}
		return nil, fmt.Errorf("%w; copy the whole command", err)
	}
	var all [][]string
	for _, s := range simply(file.Stmts) {
		call, ok := s.Cmd.(*syntax.CallExpr)
		if !ok || len(call.Args) == 0 || len(call.Assigns) > 0 {
			return nil, fmt.Errorf("line %d, column %d: only curl commands can be imported, one behind the other", s.Pos().Line(), s.Pos().Col())
		}
		var line []string
		for _, w := range call.Args {
			text, err := word(w.Parts, false)
			if err != nil {
				return nil, fmt.Errorf("line %d, column %d: %w", w.Pos().Line(), w.Pos().Col(), err)
			}
			line = append(line, text)
		}
		all = append(all, line)
	}
	return all, nil
}

// simply takes lists of commands apart (a && b), and leaves out what only reads what curl prints (curl ... | jq), or waits for its failure.
func simply(all []*syntax.Stmt) (flat []*syntax.Stmt) {
	for _, s := range all {
		switch b, ok := s.Cmd.(*syntax.BinaryCmd); {
		case ok && b.Op == syntax.AndStmt:
			flat = append(flat, simply([]*syntax.Stmt{b.X, b.Y})...)
		case ok:
			flat = append(flat, simply([]*syntax.Stmt{b.X})...)
		default:
			flat = append(flat, s)
		}
	}
	return flat
}

// word is what a shell makes of a word.
func word(parts []syntax.WordPart, quoted bool) (string, error) {
	var b strings.Builder
	for _, p := range parts {
		switch p := p.(type) {
		case *syntax.Lit:
			b.WriteString(literal(p.Value, quoted))
		case *syntax.SglQuoted:
			if !p.Dollar {
				b.WriteString(p.Value)
				continue
			}
			text, err := ansi(p.Value)
			if err != nil {
				return "", err
			}
			b.WriteString(text)
		case *syntax.DblQuoted:
			text, err := word(p.Parts, true)
			if err != nil {
				return "", err
			}
			b.WriteString(text)
		default:
			return "", errors.New("the command has something that a shell would have to work out, such as $NAME or $(...); write what it stands for")
		}
	}
	return b.String(), nil
}

// literal takes backslashes away, as outside of quotes or inside of double ones.
func literal(s string, quoted bool) string {
	if strings.IndexByte(s, '\\') < 0 {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] != '\\' || i+1 == len(s) || quoted && !strings.ContainsRune("$`\"\\\n", rune(s[i+1])) {
			b.WriteByte(s[i])
			continue
		}
		if i++; s[i] != '\n' {
			b.WriteByte(s[i])
		}
	}
	return b.String()
}

var simple = map[byte]byte{'a': 7, 'b': 8, 'e': 27, 'E': 27, 'f': 12, 'n': 10, 'r': 13, 't': 9, 'v': 11, '\\': '\\', '\'': '\'', '"': '"', '?': '?'}

// ansi is what $'...' stands for. Browsers do not agree with shells about it: Chromium writes \u00e9 for é, Firefox \xe9, and both halves of a
// character beyond 16 bits. So bytes that are no UTF-8 are taken for characters.
func ansi(s string) (string, error) {
	var out []byte
	var units []uint16 // halves of characters
	high := -1         // where bytes by \x began
	flush := func() {
		if len(units) > 0 {
			out = append(out, string(utf16.Decode(units))...)
			units = nil
		}
	}
	for i := 0; i < len(s); {
		if s[i] != '\\' || i+1 == len(s) {
			flush()
			out, high = characters(out, high), -1
			out = append(out, s[i])
			i++
			continue
		}
		c := s[i+1]
		n, code, kind := escape(s[i+1:])
		i += 1 + n
		switch {
		case kind == 'u' && code > 0 && code < 0x10000:
			out, high = characters(out, high), -1
			units = append(units, uint16(code))
			continue
		case code == 0 && kind != 0:
			return "", errors.New("it sends a zero byte, which no shell can pass on: record it as HAR, and import that")
		}
		flush()
		switch {
		case kind == 'x' && code < 0x100:
			if high < 0 {
				high = len(out)
			}
			out = append(out, byte(code))
			continue
		case kind != 0:
			out = utf8.AppendRune(out, rune(code))
		case simple[c] != 0:
			out = append(out, simple[c])
		default:
			out = append(out, '\\', c)
		}
		out, high = characters(out, high), -1
	}
	flush()
	return string(characters(out, high)), nil
}

// characters are the bytes from a place on as characters, when they are no UTF-8.
func characters(b []byte, from int) []byte {
	if from < 0 || utf8.Valid(b[from:]) {
		return b
	}
	tail := b[from:]
	out := b[:from:from]
	for _, c := range tail {
		out = utf8.AppendRune(out, rune(c))
	}
	return out
}

// escape reads a numeric escape, without its backslash: how long it is, its number, and its kind: 'x', 'u', or 0 for none.
func escape(s string) (n int, code uint64, kind byte) {
	digits := func(from, most, base int) (int, uint64) {
		k := from
		for k < len(s) && k < from+most {
			if _, err := strconv.ParseUint(s[k:k+1], base, 8); err != nil {
				break
			}
			k++
		}
		v, err := strconv.ParseUint(s[from:k], base, 64)
		if err != nil {
			return 0, 0
		}
		return k, v
	}
	switch {
	case s[0] == 'x':
		n, code = digits(1, 2, 16)
		kind = 'x'
	case s[0] == 'u':
		n, code = digits(1, 4, 16)
		kind = 'u'
	case s[0] == 'U':
		n, code = digits(1, 8, 16)
		kind = 'U'
	case s[0] >= '0' && s[0] <= '7':
		n, code = digits(0, 3, 8)
		kind = 'x'
	}
	if n == 0 {
		return 1, 0, 0
	}
	return n, code, kind
}

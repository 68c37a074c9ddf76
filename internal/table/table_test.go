package table

import (
	"encoding/binary"
	"fmt"
	"io"
	"strings"
	"testing"
	"unicode/utf16"
)

func utf16of(s string, order binary.AppendByteOrder, mark bool) string {
	if mark {
		s = "\ufeff" + s
	}
	var b []byte
	for _, u := range utf16.Encode([]rune(s)) {
		b = order.AppendUint16(b, u)
	}
	return string(b)
}

// The same table as spreadsheets and databases of the world write it.
func TestReadHeaded(t *testing.T) {
	const want = "[e-mail pw size] [ann@a.example x;,\"y 1,5] [bob@a.example grün 2]"
	plain := "e-mail;pw;size\nann@a.example;\"x;,\"\"y\";1,5\nbob@a.example;grün;2\n"
	for name, in := range map[string]string{
		"semicolons":          plain,
		"mark":                "\ufeff" + plain,
		"mark and quotes":     "\ufeff\"e-mail\";\"pw\";\"size\"\r\nann@a.example;\"x;,\"\"y\";\"1,5\"\r\nbob@a.example;grün;2",
		"commas":              "e-mail,pw,size\nann@a.example,\"x;,\"\"y\",\"1,5\"\nbob@a.example,grün,2\n",
		"tabs":                "e-mail\tpw\tsize\nann@a.example\t\"x;,\"\"y\"\t1,5\nbob@a.example\tgrün\t2\n",
		"bars":                "e-mail|pw|size\nann@a.example|\"x;,\"\"y\"|1,5\nbob@a.example|grün|2\n",
		"sep":                 "sep=;\r\n" + plain,
		"old Mac":             strings.ReplaceAll(plain, "\n", "\r"),
		"Windows-1252":        strings.ReplaceAll(plain, "ü", "\xfc"),
		"UTF-16 LE":           utf16of(plain, binary.LittleEndian, true),
		"UTF-16 BE":           utf16of(plain, binary.BigEndian, true),
		"UTF-16 without mark": utf16of(plain, binary.LittleEndian, false),
		"empty lines":         "\n\n" + strings.ReplaceAll(plain, "\n", "\n\n"),
		"empty rows below":    plain + ";;\n;;\n",
		"empty columns":       "e-mail;;pw;size;;\nann@a.example;;\"x;,\"\"y\";1,5;;\nbob@a.example;;grün;2;;\n",
		"short rows":          "e-mail;pw;size;;\nann@a.example;\"x;,\"\"y\";1,5\nbob@a.example;grün;2\n",
		"end of DOS":          strings.ReplaceAll(plain, "\n", "\r\n") + "\x1a",
		"unseen signs":        "\u200be-mail\u200b;\u2060pw;\u00a0size\ufeff\nann@a.example;\"x;,\"\"y\";1,5\nbob@a.example;grün;2\n",
		"spaces around names": " e-mail ; pw;size \nann@a.example;\"x;,\"\"y\";1,5\nbob@a.example;grün;2\n",
	} {
		h, err := ReadHeaded(strings.NewReader(in))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		got := fmt.Sprint(h.Columns)
		for _, r := range h.Rows {
			got += " " + fmt.Sprint(r.Cells)
		}
		if got != want {
			t.Errorf("%s: %s, want %s", name, got, want)
		}
	}
	kept, err := ReadHeaded(strings.NewReader("id,sum\n\"=\"\"007\"\"\",=1+1\n=\"\",\"=\"\"a\"\"&\"\"b\"\"\"\n"))
	if err == nil {
		t.Errorf("a quote in the middle: %v", kept)
	}
	kept, err = ReadHeaded(strings.NewReader("id,sum\n\"=\"\"007\"\"\",=1+1\n\"=\"\"\"\"\",\"=\"\"a\"\"&\"\"b\"\"\"\n"))
	if err != nil || fmt.Sprint(kept.Rows) != `[{2 [007 =1+1]} {3 [ ="a"&"b"]}]` {
		t.Errorf("texts as spreadsheets keep them: %v, %v", kept, err)
	}
	one, err := ReadHeaded(strings.NewReader("name\na b\nc\n"))
	if err != nil || fmt.Sprint(one.Columns, one.Rows) != "[name] [{2 [a b]} {3 [c]}]" {
		t.Errorf("one column: %v, %v", one, err)
	}
}

func TestRefused(t *testing.T) {
	for in, want := range map[string]string{
		"":                                       "the file is empty",
		"\ufeff":                                 "the file is empty",
		"a,b\n":                                  "no rows below",
		"a,b\n,\n":                               "no rows below",
		"a,b\n1\n":                               "line 2 has 1 cells, and line 1 names 2 columns",
		"a,b\n1,2,3\n":                           "line 2 has 3 cells, and line 1 names 2 columns",
		"a,a\n1,2\n":                             "line 1: two columns are called a",
		"a,,c\n1,2,3\n":                          "line 1: column 2 has no name",
		"a,b\n1,\"2\n":                           "line 2",
		"PK\x03\x04\x14":                         "a workbook or another packed file",
		"\xd0\xcf\x11\xe0\xa1":                   "an old Excel workbook",
		"\x1f\x8b\x08":                           "gzip",
		"%PDF-1.7":                               "a PDF",
		"SQLite format 3\x00":                    "SQLite",
		"a,b\n1,\x002\n":                         "zero bytes",
		"\xff\xfe\x00\x00a\x00":                  "UTF-32",
		"sep=ab\na,b\n":                          "does not say what separates",
		"<!DOCTYPE html>\n<title>Log in</title>": "it is a web page and no table",
		"\ufeff\n <HTML lang=de>\n":              "it is a web page and no table",
		"<?xml version=\"1.0\"?>\n<a/>\n":        "it is XML",
		"[\n{\"a\":1},\n{\"a\":2}\n]\n":          "JSONLines reads",
		"{\"a\":1,\"b\":2}\n{\"a\":3,\"b\":4}\n": "JSONLines reads",
		"[{\"a\":1,\"b\":2}]\n":                  "JSONLines reads",
		"version https://git-lfs.github.com/spec/v1\noid sha256:ab\n": "git lfs pull",
		"\xfd7zXZ\x00":  "packed with xz",
		"7z\xbc\xaf'":   "7-Zip",
		"{\\rtf1\\ansi": "word processor",
		"ARROW1\x00":    "Arrow",
		"Obj\x01\x04":   "Avro",
	} {
		if h, err := ReadHeaded(strings.NewReader(in)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, %v, want %q", in, h, err, want)
		}
	}
}

// What only begins like something else is a table.
func TestTablesAllTheSame(t *testing.T) {
	for in, want := range map[string]string{
		"{id},name\n1,2\n":    "[{id} name]",
		"[x],y\n1,2\n":        "[[x] y]",
		"\"<html>\",y\n1,2\n": "[<html> y]",
		"version,y\n1,2\n":    "[version y]",
	} {
		if h, err := ReadHeaded(strings.NewReader(in)); err != nil || fmt.Sprint(h.Columns) != want {
			t.Errorf("%q: %v, %v, want %s", in, h, err, want)
		}
	}
}

func TestSuits(t *testing.T) {
	table, err := Read(strings.NewReader("# a note, with commas, in it\n1,5;x\n2,5;y\n"), Options{Comment: '#', Suits: func(rows []Row) bool { return len(rows[0].Cells) == 2 && rows[0].Cells[0] == "1,5" }})
	if err != nil || table.Separator != ';' || len(table.Rows) != 2 || table.Rows[0].Line != 2 {
		t.Errorf("%+v, %v", table, err)
	}
}

func FuzzRead(f *testing.F) {
	f.Add([]byte("a;b\n1;2\n"))
	f.Add([]byte("\xff\xfea\x00,\x00"))
	f.Fuzz(func(t *testing.T, in []byte) {
		h, err := ReadHeaded(strings.NewReader(string(in)))
		if err != nil {
			return
		}
		for _, r := range h.Rows {
			if len(r.Cells) != len(h.Columns) || r.Line < 1 {
				t.Fatalf("%q: %v of %v", in, r, h.Columns)
			}
		}
	})
}

// Files that two programs have written, one behind the other.
func TestMarksWithin(t *testing.T) {
	h, err := ReadHeaded(strings.NewReader("\ufeffname,city\nann,Köln\n\ufeffbob,Linz\n"))
	if err != nil || fmt.Sprint(h.Columns, h.Rows) != "[name city] [{2 [ann Köln]} {3 [bob Linz]}]" {
		t.Errorf("a mark in the middle: %+v, %v", h, err)
	}
	if _, err := Text([]byte("\ufeffname,city\nann,K\xf6ln\n")); err == nil || !strings.Contains(err.Error(), "line 2") || !strings.Contains(err.Error(), "UTF-8") {
		t.Errorf("a mark of UTF-8 before Windows-1252: %v", err)
	}
	if text, err := Text([]byte("\ufeff\ufeffname\n")); err != nil || text != "name\n" {
		t.Errorf("two marks: %q, %v", text, err)
	}
}

func TestPlain(t *testing.T) {
	const want = `{"name":"Käthe €"}`
	for name, in := range map[string]string{
		"as it is": want, "UTF-8": "\ufeff" + want, "UTF-16 LE": utf16of(want, binary.LittleEndian, true), "UTF-16 BE": utf16of(want, binary.BigEndian, true),
	} {
		if b, err := io.ReadAll(Plain(strings.NewReader(in))); err != nil || string(b) != want {
			t.Errorf("%s: %q, %v", name, b, err)
		}
	}
	if b, err := io.ReadAll(Plain(strings.NewReader("caf\xe9"))); err != nil || string(b) != "caf\xe9" {
		t.Errorf("bytes that are no UTF-8: %q, %v", b, err)
	}
}

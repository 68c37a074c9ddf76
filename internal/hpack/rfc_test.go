package hpack

import (
	"encoding/hex"
	"hash/maphash"
	"slices"
	"strings"
	"testing"
)

// list is a Fields that keeps what it is given.
type list []string

func (l *list) Field(name, value []byte) { *l = append(*l, string(name)+": "+string(value)) }

// The examples of RFC 7541, appendix C: blocks that one peer sends after the other, what they mean, and how large the table is then.
func TestExamples(t *testing.T) {
	type block struct {
		hex    string
		fields string // separated by |
		size   int
	}
	requests := func(a, b, c string) []block {
		return []block{
			{a, ":method: GET|:scheme: http|:path: /|:authority: www.example.com", 57},
			{b, ":method: GET|:scheme: http|:path: /|:authority: www.example.com|cache-control: no-cache", 110},
			{c, ":method: GET|:scheme: https|:path: /index.html|:authority: www.example.com|custom-key: custom-value", 164},
		}
	}
	const date, site = "date: Mon, 21 Oct 2013 20:13:21 GMT", "location: https://www.example.com"
	responses := func(a, b, c string) []block {
		return []block{
			{a, ":status: 302|cache-control: private|" + date + "|" + site, 222},
			{b, ":status: 307|cache-control: private|" + date + "|" + site, 222},
			{
				c, ":status: 200|cache-control: private|date: Mon, 21 Oct 2013 20:13:22 GMT|" + site +
					"|content-encoding: gzip|set-cookie: foo=ASDJKHQKBZXOQWEOPIUAXQWEOIU; max-age=3600; version=1", 215,
			},
		}
	}
	for _, tt := range []struct {
		name   string
		table  int
		blocks []block
	}{
		{"C.2.1", 4096, []block{{"400a 6375 7374 6f6d 2d6b 6579 0d63 7573 746f 6d2d 6865 6164 6572", "custom-key: custom-header", 55}}},
		{"C.2.2", 4096, []block{{"040c 2f73 616d 706c 652f 7061 7468", ":path: /sample/path", 0}}},
		{"C.2.3", 4096, []block{{"1008 7061 7373 776f 7264 0673 6563 7265 74", "password: secret", 0}}},
		{"C.2.4", 4096, []block{{"82", ":method: GET", 0}}},
		{"C.3", 4096, requests(
			"8286 8441 0f77 7777 2e65 7861 6d70 6c65 2e63 6f6d", "8286 84be 5808 6e6f 2d63 6163 6865",
			"8287 85bf 400a 6375 7374 6f6d 2d6b 6579 0c63 7573 746f 6d2d 7661 6c75 65",
		)},
		{"C.4", 4096, requests(
			"8286 8441 8cf1 e3c2 e5f2 3a6b a0ab 90f4 ff", "8286 84be 5886 a8eb 1064 9cbf",
			"8287 85bf 4088 25a8 49e9 5ba9 7d7f 8925 a849 e95b b8e8 b4bf",
		)},
		{"C.5", 256, responses(
			"4803 3330 3258 0770 7269 7661 7465 611d 4d6f 6e2c 2032 3120 4f63 7420 3230 3133 2032 303a 3133 3a32 3120 474d 546e 1768 "+
				"7474 7073 3a2f 2f77 7777 2e65 7861 6d70 6c65 2e63 6f6d", "4803 3330 37c1 c0bf",
			"88c1 611d 4d6f 6e2c 2032 3120 4f63 7420 3230 3133 2032 303a 3133 3a32 3220 474d 54c0 5a04 677a 6970 7738 666f 6f3d 4153 "+
				"444a 4b48 514b 425a 584f 5157 454f 5049 5541 5851 5745 4f49 553b 206d 6178 2d61 6765 3d33 3630 303b 2076 6572 7369 6f6e 3d31",
		)},
		{"C.6", 256, responses(
			"4882 6402 5885 aec3 771a 4b61 96d0 7abe 9410 54d4 44a8 2005 9504 0b81 66e0 82a6 2d1b ff6e 919d 29ad 1718 63c7 8f0b 97c8 "+
				"e9ae 82ae 43d3", "4883 640e ffc1 c0bf",
			"88c1 6196 d07a be94 1054 d444 a820 0595 040b 8166 e084 a62d 1bff c05a 839b d9ab 77ad 94e7 821d d7f2 e6c7 b335 dfdf cd5b "+
				"3960 d5af 2708 7f36 72c1 ab27 0fb5 291f 9587 3160 65c0 03ed 4ee5 b106 3d50 07",
		)},
	} {
		t.Run(tt.name, func(t *testing.T) {
			d := Decoder{max: tt.table - DefaultTable}
			var scratch []byte
			for i, b := range tt.blocks {
				raw, err := hex.DecodeString(strings.ReplaceAll(b.hex, " ", ""))
				if err != nil {
					t.Fatal(err)
				}
				var got list
				if err := d.Decode(raw, &scratch, &got); err != nil {
					t.Fatal(err)
				}
				if want := strings.Split(b.fields, "|"); !slices.Equal(got, want) || d.size != b.size {
					t.Errorf("block %d: %q and a table of %d bytes, want %q and %d", i, got, d.size, want, b.size)
				}
			}
		})
	}
}

// Numbers as in appendix C.1, and those that no block can mean.
func TestIntegers(t *testing.T) {
	for _, tt := range []struct {
		bits uint
		n    int
		hex  string
	}{{5, 10, "0a"}, {5, 1337, "1f9a0a"}, {8, 42, "2a"}, {7, 127, "7f00"}, {7, 255, "7f8001"}, {4, largest, "0ff1ffff07"}} {
		if got := hex.EncodeToString(appendInt(nil, 0, tt.bits, tt.n)); got != tt.hex {
			t.Errorf("%d with %d bits is %s, want %s", tt.n, tt.bits, got, tt.hex)
		}
		raw, _ := hex.DecodeString(tt.hex)
		if n, rest, err := readInt(raw, tt.bits); n != tt.n || len(rest) != 0 || err != nil {
			t.Errorf("%s with %d bits is %d, %v", tt.hex, tt.bits, n, err)
		}
	}
}

// What no encoder sends.
func TestWrongBlocks(t *testing.T) {
	for name, tt := range map[string]struct {
		hex string
		err error
	}{
		"index 0":                         {"80", ErrIndex},
		"index beyond the table":          {"be", ErrIndex},
		"name beyond the table":           {"7f0000", ErrIndex},
		"number without end":              {"ff808080808080808001", ErrInteger},
		"number above any table":          {"ffffffffff0f", ErrInteger},
		"number cut off":                  {"ff", ErrShort},
		"name cut off":                    {"400a6375", ErrShort},
		"value missing":                   {"4003616161", ErrShort},
		"string of 14 MB announced":       {"00 7f ffff ff06 61", ErrShort},
		"Huffman: the end of strings":     {"0001618 4ffffffff", ErrHuffman},
		"Huffman: padding of a byte":      {"0001 61 82 1fff", ErrHuffman},
		"Huffman: padding of zeros":       {"0001 61 81 18", ErrHuffman},
		"size behind a field":             {"8220", ErrSize},
		"size above what is permitted":    {"3fe21f", ErrSize},
		"size again above, after a right": {"203fe21f", ErrSize},
	} {
		t.Run(name, func(t *testing.T) {
			raw, err := hex.DecodeString(strings.ReplaceAll(tt.hex, " ", ""))
			if err != nil {
				t.Fatal(err)
			}
			var d Decoder
			var scratch []byte
			if err := d.Decode(raw, &scratch, new(list)); err != tt.err {
				t.Errorf("%v, want %v", err, tt.err)
			}
		})
	}
}

// An encoder's first request fills the peer's table, the next is one byte for each field; a smaller table is told and then used.
func TestEncoder(t *testing.T) {
	var e Encoder
	d := Decoder{}
	var scratch []byte
	seed := maphash.MakeSeed()
	fields := [][2]string{{":method", "GET"}, {":scheme", "https"}, {":authority", "example.org"}, {":path", "/a"}, {"user-agent", "x"}, {"cookie", "k=v"}, {"authorization", "secret"}}
	send := func() int {
		t.Helper()
		b := e.Begin(nil)
		var want, got list
		for _, f := range fields {
			how := Remember
			switch f[0] {
			case ":path":
				how = Once
			case "authorization":
				how = Secret
			}
			b = e.Field(b, seed, []byte(f[0]), []byte(f[1]), how)
			want = append(want, f[0]+": "+f[1])
		}
		if err := d.Decode(b, &scratch, &got); err != nil || !slices.Equal(got, want) {
			t.Fatalf("%q, %v, want %q", got, err, want)
		}
		return len(b)
	}
	first, second := send(), send()
	if first < 30 || second > 5+4+7 {
		t.Errorf("%d bytes, then %d", first, second)
	}
	e.SetTable(0)
	if n := send(); n < first || !d.Empty() {
		t.Errorf("without a table %d bytes, before %d", n, first)
	}
	e.SetTable(100)
	e.SetTable(4096)
	e.SetTable(1 << 20)
	send()
	if n := send(); n != second {
		t.Errorf("with a table again %d bytes, want %d", n, second)
	}
	for i := range 40 { // push everything out
		fields[5][1] = strings.Repeat(string(rune('a'+i%26)), 300+i)
		send()
		send()
	}
	e.SetTable(60)
	send()
	send()
}
